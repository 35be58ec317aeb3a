"""The forms that companies file: their items in order, what each is called, and which carry news."""

import re

import msgspec

MOST_NEWS = 120_000
"""Characters of one filing that go on."""


class Item(msgspec.Struct, frozen=True):
    """One item of a form: ``I-2`` is item 2 of part I of a 10-Q; the items of other forms need no part."""

    code: str
    title: str
    heading: re.Pattern[str]
    """What its heading says after the number, whatever else stands there."""


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A form with its items; without any it is read whole."""

    items: tuple[Item, ...] = ()
    news: dict[str, int] = {}
    """The items that go on, the most telling first, each with how many characters of it; all of the form if empty."""
    core: frozenset[str] = frozenset()
    """The items without any of which a splitter has not understood a report."""

    @property
    def ranks(self) -> dict[str, int]:
        """Items by their place in the form."""
        return {item.code: rank for rank, item in enumerate(self.items)}


def _items(listed: str) -> tuple[Item, ...]:
    """Return items from lines of code, title and, where headings vary, the pattern that knows them."""
    items = []
    for line in listed.strip().splitlines():
        code, title, *pattern = (cell.strip() for cell in line.split(" | "))
        items.append(Item(code, title, re.compile(pattern[0] if pattern else re.escape(title), re.IGNORECASE)))
    return tuple(items)


_MDA = r"management[’'`]?s?\W{0,2} ?s? ?discussion"
_STATEMENTS = r"(?:(?:condensed|consolidated|interim|unaudited)\W+)*financial statements"

_ANNUAL = _items(rf"""
    1 | Business | (?:description of |overview of )?(?:the |our |general )?business\b
    1A | Risk Factors
    1B | Unresolved Staff Comments
    1C | Cybersecurity | cyber ?security
    2 | Properties | (?:description of )?propert(?:y|ies)
    3 | Legal Proceedings
    4 | Mine Safety Disclosures | mine safety|submission of matters
    4A | Executive Officers of the Registrant | (?:information about )?(?:our )?executive officers
    5 | Market for Registrant's Common Equity | market (?:for|price)
    6 | Selected Financial Data | (?:selected )?(?:consolidated )?financial data
    7 | Management's Discussion and Analysis | {_MDA}
    7A | Quantitative and Qualitative Disclosures About Market Risk | quantitative and qualitative
    8 | Financial Statements and Supplementary Data | {_STATEMENTS}
    9 | Changes in and Disagreements With Accountants | changes in and disagreements?
    9A | Controls and Procedures
    9B | Other Information
    9C | Disclosure Regarding Foreign Jurisdictions that Prevent Inspections | disclosures? regarding foreign
    10 | Directors, Executive Officers and Corporate Governance | directors
    11 | Executive Compensation
    12 | Security Ownership of Certain Beneficial Owners and Management | security ownership
    13 | Certain Relationships and Related Transactions | certain relationships
    14 | Principal Accountant Fees and Services | principal account(?:ant|ing)|exhibits
    15 | Exhibits and Financial Statement Schedules | exhibits?\b
    16 | Form 10-K Summary | (?:form )?10\W?k summary|summary
""")

_QUARTERLY = _items(rf"""
    I-1 | Financial Statements | {_STATEMENTS}
    I-2 | Management's Discussion and Analysis | {_MDA}
    I-3 | Quantitative and Qualitative Disclosures About Market Risk | quantitative and qualitative
    I-4 | Controls and Procedures | (?:disclosure )?controls and procedures
    II-1 | Legal Proceedings
    II-1A | Risk Factors
    II-2 | Unregistered Sales of Equity Securities | unregistered sales?|changes in securities|(?:issuer )?purchases
    II-3 | Defaults Upon Senior Securities | defaults?
    II-4 | Mine Safety Disclosures | mine safety|submission of matters
    II-5 | Other Information
    II-6 | Exhibits | exhibits?\b
""")

_CURRENT = _items(r"""
    1.01 | Entry into a Material Definitive Agreement
    1.02 | Termination of a Material Definitive Agreement
    1.03 | Bankruptcy or Receivership
    1.04 | Mine Safety: Reporting of Shutdowns and Patterns of Violations
    1.05 | Material Cybersecurity Incidents
    2.01 | Completion of Acquisition or Disposition of Assets
    2.02 | Results of Operations and Financial Condition
    2.03 | Creation of a Direct Financial Obligation
    2.04 | Triggering Events That Accelerate or Increase a Direct Financial Obligation
    2.05 | Costs Associated with Exit or Disposal Activities
    2.06 | Material Impairments
    3.01 | Notice of Delisting
    3.02 | Unregistered Sales of Equity Securities
    3.03 | Material Modification to Rights of Security Holders
    4.01 | Changes in Registrant's Certifying Accountant
    4.02 | Non-Reliance on Previously Issued Financial Statements
    5.01 | Changes in Control of Registrant
    5.02 | Departure of Directors or Certain Officers
    5.03 | Amendments to Articles of Incorporation or Bylaws
    5.04 | Temporary Suspension of Trading Under Employee Benefit Plans
    5.05 | Amendments to the Code of Ethics
    5.06 | Change in Shell Company Status
    5.07 | Submission of Matters to a Vote of Security Holders
    5.08 | Shareholder Director Nominations
    6.01 | ABS Informational and Computational Material
    6.02 | Change of Servicer or Trustee
    6.03 | Change in Credit Enhancement
    6.04 | Failure to Make a Required Distribution
    6.05 | Securities Act Updating Disclosure
    7.01 | Regulation FD Disclosure
    8.01 | Other Events
    9.01 | Financial Statements and Exhibits
    1 | Changes in Control of Registrant
    2 | Acquisition or Disposition of Assets
    3 | Bankruptcy or Receivership
    4 | Changes in Registrant's Certifying Accountant
    5 | Other Events
    6 | Resignations of Directors
    7 | Financial Statements and Exhibits
    8 | Change in Fiscal Year
    9 | Regulation FD Disclosure
    10 | Amendments to the Code of Ethics
    11 | Temporary Suspension of Trading Under Employee Benefit Plans
    12 | Results of Operations and Financial Condition
""")
"""The numbers without a point are those from before August 2004."""

_FOREIGN = _items(rf"""
    1 | Identity of Directors, Senior Management and Advisers | identity of directors|description of business
    2 | Offer Statistics and Expected Timetable | offer statistics
    3 | Key Information
    4 | Information on the Company | information (?:on|about) (?:the company|[a-z])
    4A | Unresolved Staff Comments
    5 | Operating and Financial Review and Prospects | operating and financial review|{_MDA}
    6 | Directors, Senior Management and Employees | directors
    7 | Major Shareholders and Related Party Transactions | major shareholders
    8 | Financial Information | (?:consolidated )?financial information
    9 | The Offer and Listing | (?:the )?(?:offer and )?listing|the offer
    10 | Additional Information
    11 | Quantitative and Qualitative Disclosures About Market Risk | quantitative and qualitative
    12 | Description of Securities Other than Equity Securities | description of securities
    13 | Defaults, Dividend Arrearages and Delinquencies | defaults
    14 | Material Modifications to the Rights of Security Holders | material modifications?
    15 | Controls and Procedures
    16 | Reserved
    16A | Audit Committee Financial Expert | audit committee
    16B | Code of Ethics
    16C | Principal Accountant Fees and Services | principal account
    16D | Exemptions from the Listing Standards for Audit Committees | exemptions?
    16E | Purchases of Equity Securities by the Issuer | purchases?
    16F | Change in Registrant's Certifying Accountant | changes? in
    16G | Corporate Governance
    16H | Mine Safety Disclosure | mine safety
    16I | Disclosure Regarding Foreign Jurisdictions that Prevent Inspections | disclosures? regarding foreign
    16J | Insider Trading Policies | insider trading
    16K | Cybersecurity | cyber ?security
    17 | Financial Statements | {_STATEMENTS}
    18 | Financial Statements | {_STATEMENTS}
    19 | Exhibits | exhibits?\b
""")

_EVENTS = "2.02 5.02 1.01 2.05 4.02 1.05 1.03 2.06 2.01 3.01 2.04 5.01 4.01 1.02 8.01 7.01 5.07 2.03 3.02 3.03 5.03"

FORMS: dict[str, Form] = {
    "10-K": Form(
        items=_ANNUAL,
        news={"7": 60_000, "1A": 40_000, "7A": 10_000, "3": 8_000, "9B": 2_000},
        core=frozenset({"1", "1A", "7", "8"}),
    ),
    "10-Q": Form(
        items=_QUARTERLY,
        news={"I-2": 80_000, "II-1": 12_000, "II-1A": 20_000, "I-3": 8_000, "II-5": 4_000},
        core=frozenset({"I-1", "I-2"}),
    ),
    "8-K": Form(
        items=_CURRENT,
        news=dict.fromkeys(
            (
                *_EVENTS.split(),
                *(item.code for item in _CURRENT if item.code not in {*_EVENTS.split(), "9.01", "7"}),
            ),
            20_000,
        ),
    ),
    "20-F": Form(
        items=_FOREIGN,
        news={"5": 60_000, "3": 40_000, "8": 10_000, "11": 10_000},
        core=frozenset({"3", "4", "5"}),
    ),
    "6-K": Form(),
}
"""Every form that is read, by its name without ``/A``."""


class Kind(msgspec.Struct, frozen=True):
    """What a document of a filing is: the form, whether it amends another, and which exhibit it is."""

    form: str
    amends: bool = False
    exhibit: str = ""

    @property
    def series(self) -> str:
        """What is compared with what: ``8-K EX-99.1`` with the one before, and ``10-K/A`` with ``10-K``."""
        return f"{self.form} {self.exhibit}".rstrip()

    @property
    def name(self) -> str:
        """The document's own name, from which ``kind_of`` makes the kind again."""
        return f"{self.form}{'/A' if self.amends else ''} {self.exhibit}".rstrip()

    @property
    def rules(self) -> Form:
        """The form's items; an exhibit has none."""
        return Form() if self.exhibit else FORMS[self.form]


_NAMED = re.compile(r"\b(?:form\s+)?(10-[KQ]|8-K|20-F|6-K)(?:T|405)?(/A)?\b")
_WRITTEN = re.compile(r"\bform\s+(10-?k|10-?q|8-?k|20-?f|6-?k)(/a)?\b", re.IGNORECASE)
_EXHIBIT = re.compile(r"\bEX-(\d{1,2}(?:\.\w{1,4})?)")
_EXHIBIT_HEAD = re.compile(r"\s*(?:exhibit|ex)[ -]?((?:99|13)(?:\.\w{1,4})?)\b", re.IGNORECASE)
_HEAD = 20_000
_FIRST_LINES = 300


def kind_of(title: str, text: str) -> Kind | None:
    """Return what a document says that it is, in its title or else at its beginning; None where it names no form."""
    found = _NAMED.search(title) or _WRITTEN.search(title)
    head = text[:_HEAD]
    exhibit = _EXHIBIT.search(title) or _EXHIBIT_HEAD.match(head[:_FIRST_LINES])
    found = found or _WRITTEN.search(head) or _NAMED.search(head)
    if not found:
        return Kind("8-K", exhibit=f"EX-{exhibit.group(1)}") if exhibit else None
    name = found.group(1).upper()
    form = name if "-" in name else f"{name[:-1]}-{name[-1]}"
    return Kind(form, bool(found.group(2)), f"EX-{exhibit.group(1).upper()}" if exhibit else "")
