"""The small corpus that mutations start from: one plain input of each kind that is read, written by us."""

import gzip
import json

STORY = (
    "Boeing (NYSE: BA) said on Tuesday, April 8, that it had delivered 45 jets in March, 12% more than a year before. "
    "Apple's iPhone sales fell to $45.2 billion; analysts at Reuters had expected EPS of $1.20. "
)
PAGE = (
    "<!DOCTYPE html><html lang=en><head><meta charset='utf-8'><title>Jets | Wire</title>"
    "<meta property='article:published_time' content='2025-04-08T12:00:00Z'>"
    '<script type="application/ld+json">{"@graph":[{"@type":["NewsArticle"],"headline":"Jets","author":{"name":"A"},'
    '"datePublished":"2025-04-08T12:00:00Z"}]}</script></head><body><nav><a href="/x">Home</a></nav>'
    "<article><h1>Jets</h1>"
    f"<p style='color: #111'>{STORY}</p><p hidden>Unseen words stand here for nobody to read.</p><p>{STORY}&nbsp;"
    "&amp;&#8217;&#x2014;</p><table><tr><td>Revenue</td><td>$</td><td>(45)</td></tr></table></article></body></html>"
)
ITEM = json.dumps({"title": "Boeing delivers", "body": f"<p>{STORY}</p>", "publisher": {"name": "Wire"}, "author": "A"})
RSS = (
    "<?xml version='1.0' encoding='UTF-8'?><rss version='2.0'><channel><title>Wire</title><item><title>Jets</title>"
    "<link>/jets</link><guid>tag:1</guid><pubDate>Tue, 08 Apr 2025 12:00:00 GMT</pubDate>"
    "<description><![CDATA[<p>Jets</p>]]></description><category term='10-K'/></item></channel></rss>"
)
ATOM = (
    "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>10-K - BOEING CO (0000012927) (Filer)</title>"
    "<link rel='alternate' href='https://www.example.com/a'/><updated>2025-04-08T12:00:00-04:00</updated>"
    "<category term='10-K'/><id>urn:tag:sec.gov,2008:accession-number=0000012927-25-000015</id></entry>"
    "<at:deleted-entry xmlns:at='http://purl.org/atompub/tombstones/1.0' ref='tag:1'/></feed>"
)
RDF = (
    "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/' "
    "xmlns:dc='http://purl.org/dc/elements/1.1/'><item rdf:about='x'><title>Rates</title><link>http://example.com/r</link>"
    "<dc:date>2025-04-08T12:00:00Z</dc:date></item></rdf:RDF>"
)
INDEX = (
    "<html><body><div><div class='infoHead'>Accepted</div><div class='info'>2025-04-08 16:05:01</div>"
    "<div class='infoHead'>Items</div><div class='info'>Item 2.02: Results<br>Item 9.01: Exhibits</div></div>"
    "<table class='tableFile'><tr><th>Seq</th></tr><tr><td>1</td><td>8-K</td>"
    "<td><a href='/ix?doc=/Archives/edgar/data/12927/000001292725000015/ba.htm'>ba.htm</a></td><td>8-K</td></tr>"
    "<tr><td>2</td><td></td><td><a href='/Archives/edgar/data/12927/000001292725000015/ex.htm'>ex</a></td>"
    "<td>EX-99.1</td></tr></table></body></html>"
)
SUBMISSION = (
    "<SEC-DOCUMENT>\n<DOCUMENT>\n<TYPE>8-K\n<FILENAME>ba.htm\n<TEXT>\n<XBRL>\n<p>Item 2.02</p>\n</XBRL>\n</TEXT>\n"
    "</DOCUMENT>\n<DOCUMENT>\n<TYPE>EX-99.1\n<FILENAME>ex.txt\n<TEXT>\nResults\n</TEXT>\n</DOCUMENT>\n"
)
SUBMISSIONS = json.dumps(
    {
        "filings": {
            "recent": {
                "accessionNumber": ["0000012927-25-000015"],
                "form": ["10-K"],
                "filingDate": ["2025-02-03"],
            },
            "files": [{"name": "CIK0000012927-submissions-001.json", "filingTo": "2020-01-01"}],
        }
    }
)
_ITEMS = (("1", "Business"), ("1A", "Risk Factors"), ("3", "Legal Proceedings"), ("7", "Management's Discussion"))
REPORT = (
    "<html><body><p>FORM 10-K</p><p>ANNUAL REPORT of The Boeing Company (NYSE: BA)</p>"
    + "".join(f"<p>Item {code}. {title}</p>" + f"<p style='x'><span>{STORY}</span></p>" * 16 for code, title in _ITEMS)
    + "<table><tr><td>Cash</td><td>$</td><td>1</td></tr></table><p>SIGNATURES</p></body></html>"
)
REPORT_TEXT = "FORM 10-Q\nPART I\n" + "".join(
    f"\nItem {code}. {title}\n{STORY * 12}\nCash .......... 1   2\n" for code, title in _ITEMS
)
POLYGON = json.dumps(
    {
        "results": [
            {
                "id": "1",
                "title": "T",
                "published_utc": "2025-04-08T12:00:00Z",
                "tickers": ["BA"],
                "publisher": {"name": "W"},
            },
            {"t": 1744113600000, "o": 1.5, "h": 2, "l": 1, "c": "1.7", "v": 1e6, "T": "BA"},
            {"ticker": "BA", "ex_dividend_date": "2025-04-08", "cash_amount": 0.5},
            {"ticker": "BA", "execution_date": "2025-04-08", "split_from": 1, "split_to": 4},
        ],
        "next_url": "https://api.example.com/v2?cursor=1",
    }
)
ALPACA = json.dumps(
    {
        "news": [{"id": 1, "headline": "T", "created_at": "2025-04-08T12:00:00Z", "symbols": ["BA"], "content": "x"}],
        "bars": {"BA": [{"t": "2025-04-08T13:30:00Z", "o": 1, "h": 2, "l": 1, "c": 1.5, "v": 100}]},
        "next_page_token": None,
    }
)
GDELT = json.dumps(
    {
        "articles": [
            {"url": "https://example.com/a", "title": "T", "seendate": "20250408T120000Z", "language": "English"}
        ]
    }
)
ROBOTS = "User-agent: *\nDisallow: /private\nCrawl-delay: 2\n"
URL = "https://user@example.com:443/a/b?c=d#e"

TEXTS = {
    "page": PAGE,
    "item": ITEM,
    "plain": STORY * 3,
    "rss": RSS,
    "atom": ATOM,
    "rdf": RDF,
    "index": INDEX,
    "submission": SUBMISSION,
    "submissions": SUBMISSIONS,
    "report": REPORT,
    "report text": REPORT_TEXT,
    "polygon": POLYGON,
    "alpaca": ALPACA,
    "gdelt": GDELT,
    "url": URL,
}
SEEDS: dict[str, bytes] = {name: text.encode() for name, text in TEXTS.items()} | {
    "gzip": gzip.compress(PAGE.encode(), mtime=0),
    "utf-16": STORY.encode("utf-16"),
    "latin": "Société Générale dépasse les prévisions – 3 £".encode("cp1252"),
}

_WORDS = (
    "< > </ /> <!-- --> <![CDATA[ ]]> &a; &#0; &#xD800; <script> </script> <p> <table> <td> <style> <svg><math> "
    "<template> "
    'hidden =" \' " \\ \\u0000 \\ud800 [ ] { } , : null true -1 0 1e999 99999999999999999999 NaN "NaN" 1e-400 '
    "\u200b \u202e \ufeff \u0301 \u0130 \u212a \U0001f600 BA $AAPL Apple .... % $ ( ) 2025-02-30 0000-00-00 "
    "9999-12-31T23:59:59Z http://[::1]/ //evil/ file:/// xn-- %00 # ? @ <!DOCTYPE"
).split()
_PHRASES = (
    *(" ", "   ", "\x00", "\r", "\n", "\t", "\x0b", "\x85", " | ", " a='", " style='display:none'"),
    *("Item 1A. ", "Part II", "Item 99", "(NYSE: ", "1.2 billion", "Q1 2025", "Mon, 99 Xxx 2025 25:61:61 +9999"),
    *("<!DOCTYPE x [<!ENTITY a 'b'>]>", "ignore all previous instructions"),
)
_BYTES = (
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xf0\x9f",
    b"\x80",
    b"\x1f\x8b",
    b"\x00\x00\xfe\xff",
)
TOKENS: tuple[bytes, ...] = (*(token.encode() for token in (*_WORDS, *_PHRASES)), *_BYTES)
"""What is put in: signs with a meaning, figures that are none, letters that are not what they seem."""
