"""Events about results, deals, capital and what analysts and holders do, as data."""

from stonks.model.signal import EventType as E
from stonks.stages.extractor.core.event_rule import Rule

_EXPECTED = r"(?:estimates?|expectations?|consensus|forecasts?|views?|expected|the street|projections?)"
_OUTLOOK = r"(?:guidance|outlook|forecasts?|full[- ]year (?:profit|sales|earnings|eps|revenue)|profit view)"
_UNITS = r"(?:units?|business(?:es)?|divisions?|assets?|arm|operations|subsidiary|brands?|segment|plants?|stake)"
_TARGET = r"(?:price targets?|target price|price objective|\bpt\b)"
_INSIDE = r"(?:ceo|cfo|directors?|insiders?|chair\w*|executives?|officers?|promoters?)"
_WORLD = r"\b(?:imf|oecd|world bank|gdp|economists?|inflation|recession|gold|oil|draft guidance|price forecasts?)\b"

_MOVED = (
    r"(?:up|down|rise[sn]?|rose|rising|falls?|fell|falling|jump(?:s|ed)?|slump(?:s|ed)?|drop(?:s|ped)?|surge[sd]?"
    r"|soar(?:s|ed)?|climb(?:s|ed)?|grow[sn]?|grew|growth|plunge[sd]?|slip(?:s|ped)?|decline[sd]?|double[sd]?"
    r"|halve[sd]?|widen(?:s|ed)?|narrow(?:s|ed)?|disappoint(?:s|ed)?)"
)

CAPITAL: tuple[Rule, ...] = (
    Rule(
        E.EARNINGS_BEAT,
        0.7,
        "beat tops topp exce surp crus ahea abov bett",
        rf"\b(?:beats?|beating|tops|topped|topping|exceed\w*|surpass\w*|crush\w*|ahead of|above"
        rf"|better[- ]than)\b[^.;:]{{0,50}}\b{_EXPECTED}\b"
        rf"|\b(?:profit|earnings|revenue|sales|results|eps) (?:beat|tops?|exceeds?)\b",
    ),
    Rule(
        E.EARNINGS_MISS,
        -0.7,
        "miss fall fell shor belo trai wors lag lags",
        rf"\b(?:miss(?:es|ed|ing)?|(?:falls?|fell|comes? in|came in) short(?: of)?|below|trails?|lags?"
        rf"|worse[- ]than)\b[^.;:]{{0,50}}\b{_EXPECTED}\b|\b(?:profit|earnings|revenue|sales|eps) miss(?:es)?\b",
        veto=r"\btargets? below\b",
    ),
    Rule(
        E.EARNINGS_REPORT,
        0.0,
        "resu earn prof inco reve loss quar q sale net",
        r"\b(?:q[1-4]|[1-4]q|(?:first|second|third|fourth|fiscal)[- ]quarter|quarterly|half[- ]year|full[- ]year"
        r"|annual)\b[^.;:]{0,40}\b(?:results?|earnings|profits?|net|income|revenues?|sales|loss)\b"
        r"|\breport(?:s|ed|ing)?\b[^.;:]{0,30}\b(?:earnings|results|profits?|revenues?|loss)\b"
        r"|\bearnings (?:call|report|results)\b|\bresults of operations\b"
        rf"|(?<!house )(?<!home )(?<!retail )(?<!auto )(?<!vehicle )(?<!car )(?<!truck )"
        rf"\b(?:profits?|earnings|revenues?|sales|net income|net loss) (?:\w+ ){{0,2}}{_MOVED}\b",
    ),
    Rule(
        E.GUIDANCE_RAISE,
        0.7,
        "guid outl fore full prof",
        rf"\b(?:rais\w+|lift\w*|boost\w*|hik\w+|increas\w+|ups|upped|upgrad\w+)\b[^.;:]{{0,35}}\b{_OUTLOOK}\b"
        rf"|\b{_OUTLOOK}\b[^.;:]{{0,15}}\b(?:raised|lifted|boosted|upgraded|tops?|beats?)\b"
        rf"|\b(?:upbeat|strong|rosy|bullish|better[- ]than[- ]expected) (?:\w+ )?{_OUTLOOK}\b",
        veto=_WORLD,
    ),
    Rule(
        E.GUIDANCE_CUT,
        -0.8,
        "guid outl fore full prof warn",
        rf"\b(?:cut(?:s|ting)?|lower(?:s|ed|ing)?|slash\w*|trim\w*|reduc\w+|withdr\w+|pull(?:s|ed)?|suspend\w*"
        rf"|scrap\w*)\b[^.;:]{{0,35}}\b{_OUTLOOK}\b|\bprofit warnings?\b"
        rf"|\bwarn(?:s|ed)?\b[^.;:]{{0,30}}\b(?:profits?|sales|earnings)\b"
        rf"|\b(?:weak|soft|gloomy|disappointing|cautious|tepid) (?:\w+ )?{_OUTLOOK}\b"
        rf"|\b{_OUTLOOK}\b[^.;:]{{0,15}}\b(?:cut|lowered|slashed|disappoints?|misses|falls short|withdrawn|below)\b",
        veto=_WORLD,
    ),
    Rule(
        E.M_AND_A_TARGET,
        0.8,
        "acqu boug buyo take take bid offe priv merg purc snap",
        r"\b(?:acquired|bought(?: out)?|taken over|purchased|snapped up) by\b"
        r"|\bto be (?:acquired|bought|taken private)\b"
        r"|\b(?:takeover|buyout|acquisition) (?:target|offer|bid|approach|interest|proposal|talks)\b"
        r"|\b(?:receiv\w+|gets?|rejects?|accepts?|rebuffs?|weighs?)\b[^.;:]{0,30}\b(?:takeover|buyout|bid|offer"
        r"|approach)\b",
        about="sold",
        veto=r"\b(?:offers? (?:a|an|new|free)|job offers?|public offer|tender offer for its own)\b",
    ),
    Rule(
        E.M_AND_A_TARGET,
        0.8,
        "acqu buy buys buyi boug merg take bid bids offe purc snap deal",
        r"\b(?:to|will|would|agrees? to|could|may) (?:buy|acquire|purchase|take over|merge with)\b"
        r"|\b(?:buys|acquires|acquiring|acquired|bought|snaps up|takes over|merges with|merger with|takeover of"
        r"|buyout of)\b|\bacquisition of\b|\b(?:bid|bids|bidding|offers?) (?:\S+ ){0,3}for\b"
        r"|\bdeal (?:for|to buy)\b",
        about="deal",
        veto=r"\b(?:stocks?|shares?|reasons?|ways?|best|top|time|worth|smart|good|great"
        r"|dividend)\b[^.;:]{0,40}\bto (?:buy|purchase)|\bshould (?:you|i|investors)\b"
        r"|\bbuy(?:ing)? (?:now|rating|back|the dip|and hold|or sell)\b|\bstake\b"
        r"|\b(?:buys?|bought|acquires?|acquired)\b[^.;:]{0,30}\b(?:shares|stock)\b"
        r"|\boffers? (?:a|an|new|free|up|discounts)\b|\b(?:jets|planes|aircraft|vehicles|chips|goods|products)\b"
        r"|\b(?:users|customers|consumers|shoppers|you|investors|buyers|clients|people)\b[^.;:]{0,40}\b(?:buy|purchase)\b"
        r"|\bto buy (?:from|at|with)\b|\b(?:i|insiders?|ceo|directors?) (?:just )?(?:bought|buys?|buying)\b"
        r"|\bacquired by\b|\bto buy\??$|\bcustomers? to\b|\bhop(?:e|es|ing) to buy\b"
        r"|\b(?:bought|buys|buying|buy) (?:more|[$€£])|\bfor its dividend\b"
        r"|\boffers?\b[^.;:]{0,25}\bfor (?:customers|users|members|families|students|investors|all|free|the)\b",
    ),
    Rule(
        E.M_AND_A_TARGET,
        0.3,
        "merg tie ties comb",
        r"\bmerg(?:er|ers|e|es|ed|ing)\b|\bto combine with\b"
        r"|(?:\b(?:billion|bln|bn|all-share|all-stock)\b|[$€£]\S*\d)[^.;:]{0,30}\btie[- ]?up\b",
        about="parties",
        veto=r"\bmerg(?:e|es|ed|ing) (?:its|their|two|the|into)\b|\bmergers? (?:and|&) acquisitions?\b"
        r"|\bmerger arbitrage\b|\bpost-merger\b",
    ),
    Rule(
        E.M_AND_A_TARGET,
        0.8,
        "bid bids offe pay pays",
        r"['’]s (?:[^\s.;:]+ ){0,4}(?:bid|offer|approach|buyout|takeover)\b(?: (?:for|of)\b)?"
        r"|\boffers\b(?= (?:[A-Z]\S* ){1,3}[$€£]\d)|\bpays? more for\b",
        about="deal",
        veto=r"\b(?:job|public|share|free|stock|debt|bond|exchange|trade|discount|service|product|mini-tender)\w*"
        r"[\"'”’]? offer"
        r"|\boffers? (?:a|an|new|free)\b|\bshould (?:you|i|investors)\b",
    ),
    Rule(
        E.DIVESTITURE,
        0.1,
        "sell sale sold dive offl spin",
        r"\b(?:sells?|selling|sold|to sell|agrees? to sell|sale of|divests?|offloads?|hands?)\b"
        r"(?=[^.;:]{1,80}\bto [A-Z])",
        about="sale",
        veto=r"\b(?:insiders?|directors?|ceo|customers|consumers|shares of|stock|to buy|reasons|products? to"
        r"|cars|vehicles|tickets|goods)\b|\bsell(?:s|ing)?[- ]off\b",
    ),
    Rule(
        E.DIVESTITURE,
        0.1,
        "sell sale sold dive offl spin carv disp",
        rf"\b(?:sells?|selling|sold|sale of|divest\w*|offload\w*|dispos\w+)\b[^.;:]{{0,50}}\b{_UNITS}\b"
        rf"|\bspin[- ]?(?:s|ning)?[- ]?offs?\b|\bcarve[- ]?outs?\b",
        veto=r"\b(?:insiders?|directors?|ceo)\b",
    ),
    Rule(
        E.BUYBACK,
        0.4,
        "buyb buy repu retu",
        r"\bbuy[- ]?backs?\b|\brepurchas\w+\b[^.;:]{0,30}\b(?:shares|stock|program)|\b(?:share|stock) repurchas\w+"
        r"|\breturn(?:s|ing)?\b[^.;:]{0,30}\bto shareholders\b",
    ),
    Rule(
        E.DIVIDEND_UP,
        0.5,
        "divi payo cash",
        r"\b(?:rais\w+|hik\w+|increas\w+|boost\w*|lift\w*|ups|higher|doubl\w+|reinstat\w+|restor\w+|resum\w+"
        r"|initiat\w+)\b[^.;:]{0,30}\b(?:dividends?|payouts?)\b|\bdividend (?:hike|increase|boost|growth)\b"
        r"|\b(?:dividend|payout) (?:\w+ ){0,2}(?:increases?d?|rises|rose|raised|hiked|grows|grew|doubled|up)\b"
        r"|\bspecial dividend\b|\b(?:cash handout|special payout)\b",
        veto=r"\bdividend (?:stocks?|yields?|aristocrats?|etfs?)\b",
    ),
    Rule(
        E.DIVIDEND_CUT,
        -0.7,
        "divi payo",
        r"\b(?:cut(?:s|ting)?|slash\w*|reduc\w+|suspend\w*|scrap\w*|axe[sd]?|halv\w+"
        r"|omit\w*|withh\w+|cancel\w*)\b[^.;:]{0,30}\b(?:dividends?|payouts?)\b"
        r"|\b(?:dividend|payout) (?:\w+ )?(?:cut|suspension|suspended|slashed|halved|reduced|scrapped)\b",
        veto=r"\bdividend rights\b|\b(?:cut|reduc)\w* (?:its |their )?(?:debt|costs|jobs)\b",
    ),
    Rule(
        E.DIVIDEND_REGULAR,
        0.05,
        "divi",
        r"\b(?:declar\w+|announc\w+|pays?|paid|approv\w+|upcoming|recommend\w*|maintain\w*|ex-?)[^.;:]{0,30}"
        r"\bdividends?\b|\b(?:quarterly|interim|final) (?:cash )?dividend\b",
    ),
    Rule(
        E.CAPITAL_RAISE,
        -0.3,
        "offe issu plac rais conv ipo ipos qip note bond secu list flot goes go goin priv",
        r"\b(?:share|stock|equity|rights|secondary|public) (?:offering|issue|placement)\b"
        r"|\bconvertible (?:notes?|bonds?|senior)\b|\brais(?:e|es|ed|ing) (?:up to )?(?:[$€£]|rs\.? ?|usd ?)?\d"
        r"|\brais(?:e|es|ed|ing) (?:capital|funds|equity|money)\b|\bprivate placement\b|\bqip\b"
        r"|\b(?:files? for|filed for|launch\w*|prices?|plans?|planning|raise\w*)\b[^.;:]{0,30}\bipo\b"
        r"|\b(?:notes?|bonds?|debt) offering\b|\b(?:flotation|stock[- ]market (?:debut|listing|float))\b"
        r"|\b(?:backed|biggest|london|new york|hong kong|dual) (?:listing|float)\b|\bgo(?:es|ing)? public\b",
        veto=r"\b(?:price target|target price|guidance|outlook|forecast|dividend|wages?|prices|fares|minimum)\b"
        r"|\bsince (?:its|their) initial\b",
    ),
    Rule(
        E.DEBT_RATING,
        -0.5,
        "mood fitc s icra cris cred junk",
        r"\b(?:moody'?s|fitch|s&p(?: global)?(?: ratings)?|icra|crisil)\b[^.;:]{0,50}\b(?:downgrad\w*|cuts?"
        r"|lower\w*|negative|junk)\b|\bcredit rating\b[^.;:]{0,30}\b(?:cut|downgrad\w*|lowered)\b"
        r"|\bjunk (?:status|rating)\b",
        veto=r"\bs&p 500\b|\bremov\w+\b",
    ),
    Rule(
        E.DEBT_RATING,
        0.4,
        "mood fitc s icra cris cred",
        r"\b(?:moody'?s|fitch|s&p(?: global)?(?: ratings)?|icra|crisil)\b[^.;:]{0,50}\b(?:upgrad\w*|rais\w+"
        r"|positive)\b|\bcredit rating\b[^.;:]{0,30}\b(?:raised|upgrad\w*)\b",
        veto=r"\bs&p 500\b|\bremov\w+\b",
    ),
    Rule(
        E.RATING_UP,
        0.5,
        "upgr outp over buy init reit",
        r"\bupgrad(?:e|es|ed|ing)\b|\b(?:to|at|with) (?:an? )?[\"'“‘]?(?:outperform|overweight|strong buy)\b"
        r"|\b(?:initiat\w+|reiterat\w+|resum\w+|rais\w+|lift\w*|moved|from (?:hold|neutral|sell))\b[^.;:]{0,40}"
        r"\b(?:to|at|with) (?:an? )?[\"'“‘]?buy\b|\b(?:buy|outperform|overweight) rating\b",
        about="object",
        veto=r"\bupgrad\w+ (?:its|their|your|the|network|fleet|software|factory|systems?|guidance|outlook|forecast"
        r"|iphones?|phones?|cycle)\b|\bdowngrad\w+|\bto buy\b[^.;:]*\b(?:now|stocks?|more)\b"
        r"|\b(?:stocks?|best|top|reasons?|time)\b[^.;:]{0,40}\bto buy\b|\bmoody|\bfitch",
    ),
    Rule(
        E.RATING_DOWN,
        -0.5,
        "down unde sell neut",
        r"\bdowngrad(?:e|es|ed|ing)\b|\b(?:sell|underperform|underweight) rating\b"
        r"|\b(?:cut|lowered|moved) to (?:sell|hold|neutral|underperform|underweight|reduce)\b"
        r"|\bto (?:underperform|underweight)\b",
        about="object",
        veto=r"\bmoody|\bfitch",
    ),
    Rule(
        E.PRICE_TARGET,
        0.4,
        "targ pt pric",
        rf"\b(?:rais\w+|lift\w*|boost\w*|hik\w+|increas\w+|ups|upped)\b[^.;:]{{0,50}}{_TARGET}"
        rf"|{_TARGET}[^.;:]{{0,20}}\b(?:raised|lifted|hiked|increased)\b",
        about="object",
    ),
    Rule(
        E.PRICE_TARGET,
        -0.4,
        "targ pt pric",
        rf"\b(?:cut(?:s|ting)?|lower(?:s|ed)?|trim\w*|slash\w*|reduc\w+)\b[^.;:]{{0,50}}{_TARGET}"
        rf"|{_TARGET}[^.;:]{{0,20}}\b(?:cut|lowered|trimmed|slashed)\b",
        about="object",
    ),
    Rule(
        E.INSIDER,
        0.3,
        "insi dire ceo cfo exec offi prom chai",
        rf"\b{_INSIDE}\b[^.;:]{{0,40}}\b(?:buys?|bought|purchas\w+)\b[^.;:]{{0,30}}\b(?:shares|stock|stake)\b"
        rf"|\binsider (?:buying|purchases?)\b",
    ),
    Rule(
        E.INSIDER,
        -0.2,
        "insi dire ceo cfo exec offi prom chai",
        rf"\b{_INSIDE}\b[^.;:]{{0,40}}\b(?:sells?|sold|offload\w*|dump\w*)\b[^.;:]{{0,30}}\b(?:shares|stock"
        rf"|stake)\b|\binsider sell(?:ing|s)\b",
    ),
    Rule(
        E.ACTIVIST,
        0.3,
        "acti elli icah star tria pers prox valu",
        r"\bactivist (?:investor|hedge|fund|shareholder|stake)\w*"
        r"|\b(?:elliott|icahn|starboard value|trian|pershing square|valueact)\b|\bproxy (?:fight|battle|contest)\b",
    ),
    Rule(
        E.SHORT_REPORT,
        -0.6,
        "shor hind mudd citr",
        r"\bshort[- ]sellers?\b|\bhindenburg\b|\bmuddy waters\b|\bcitron\b|\bshort[- ]seller report\b"
        r"|\bshort report\b",
    ),
    Rule(
        E.BANKRUPTCY,
        -0.9,
        "bank chap inso liqu cred goin defa",
        r"\bbankrupt(?:cy)?\b|\bchapter (?:7|11)\b|\binsolven\w+|\bliquidat(?:ion|ed)\b|\bcreditor protection\b"
        r"|\bgoing concern\b|\bdefault(?:s|ed) on\b",
        veto=r"\b(?:etf|funds?|bankruptcy (?:plan|judge|court))\b"
        r"|\bliquidation of (?:its|our|the|certain) (?:operations|inventor|position|investment|stake|holding)",
    ),
    Rule(
        E.INDEX_CHANGE,
        0.2,
        "s dow nasd russ msci ftse inde",
        r"\b(?:joins?|joining|added to|enters?|inclusion in|to replace)\b[^.;:]{0,40}\b(?:s&p 500|dow jones"
        r"|nasdaq[- ]100|russell|msci|ftse|index)\b",
    ),
    Rule(
        E.INDEX_CHANGE,
        -0.3,
        "s dow nasd russ msci ftse inde",
        r"\b(?:removed|dropped|deleted|excluded|ejected) from\b[^.;:]{0,40}\b(?:s&p 500|dow jones|nasdaq[- ]100"
        r"|russell|msci|ftse|index)\b",
    ),
    Rule(
        E.STOCK_SPLIT,
        0.2,
        "spli",
        r"\b(?:stock|share) split\b|\b\d+-for-\d+\b[^.;:]{0,20}\bsplit\b",
        veto=r"\breverse\b",
    ),
)
