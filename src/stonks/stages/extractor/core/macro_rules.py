"""How macro events are told, as data: each type's words, what makes it worse or better, stages, regions, things."""

from typing import NamedTuple


class Cue(NamedTuple):
    """A macro event type with the words that tell it and those that say it turns worse or better for risky assets."""

    type: str
    words: str
    worse: str = ""
    better: str = ""
    strong: str = ""
    """Words that leave no doubt: they count three times."""
    bad: bool = False
    """Whether such an event is bad unless its text says otherwise."""


_UP = (
    r"ris(?:e|es|ing)|rose|jump\w*|surg\w+|climb\w*|accelerat\w+|hott?er|sticky|leaps?|leapt|pick(?:s|ed)? up"
    r"|quicken\w*"
)
_DOWN = (
    r"fall(?:s|ing)?|fell|drop\w*|declin\w+|slow\w*|cool\w*|eas(?:es|ed|ing)|plung\w+|sank|sinks?|slump\w*"
    r"|weak\w*|soft\w*"
)

CUES: tuple[Cue, ...] = (
    Cue(
        "rates",
        r"federal reserve|the fed|fed|interest rates?|central bank|monetary policy|powell|ecb"
        r"|bank of (?:england|japan)|boj|policy rate|treasury yields?|basis points",
        r"hawkish|tighten\w*|rais\w+|hik\w+|higher for longer|no (?:hurry|rush)|not (?:in a )?(?:hurry|rush)"
        r"|restrictive|fewer cuts",
        r"dovish|cuts?|cutting|lower\w*|eas(?:e|es|ed|ing)|accommodat\w+|slow the pace of decline|patient|more cuts",
        r"fomc|federal funds|target range|rate (?:cuts?|hikes?|decision|increases?)"
        r"|(?:cuts?|raises?|holds?|lowers?) (?:\w+ )?rates|open market committee|discount rate"
        r"|fed (?:officials|minutes|independence|chair)|june cut"
        r"|(?:bond|treasury) yields|treasuries (?:sell-?off|rout)",
    ),
    Cue(
        "inflation",
        r"inflation\w*|consumer prices?|producer prices?|price pressures|cost of living|deflation"
        r"|(?<!drug )(?<!oil )(?<!gold )(?<!share )(?<!stock )prices",
        _UP,
        _DOWN,
        r"cpi|ppi|pce|inflation (?:rate|report|data|cools|slows|rises|accelerates|eases)",
    ),
    Cue(
        "labor",
        r"unemployment|labor market|hiring|job openings|wages?|wage growth|jobs|employers|workers",
        _DOWN + r"|lost|layoffs|rises? in claims",
        _UP + r"|adds?|added|strong\w*|solid|resilient|robust",
        r"payrolls?|jobless claims|jobs report|nonfarm|jolts|unemployment rate",
    ),
    Cue(
        "growth",
        r"economic (?:growth|activity|outlook)|economy|consumer (?:spending|demand)|factory orders|durable goods"
        r"|slowdown|housing starts|manufacturing|industrial production|sentiment"
        r"|(?<!high-)(?<!dividend )growth(?! (?:stocks?|etfs?))",
        _DOWN + r"|contract(?:s|ed|ion)|shr(?:ank|inks?|inking)|recession|worse\w*|gloom\w*|downgrad\w*|cuts?|slash\w*",
        _UP + r"|expand\w*|rebound\w*|strong\w*|beats?|recover\w*|resilient|upgrad\w*|improv\w+",
        r"gdp|gross domestic product|recession|pmi|ism|retail sales|consumer (?:sentiment|confidence)"
        r"|world economic outlook|growth forecasts?|economy (?:contracts|shrinks|grows|expands|slows)"
        r"|(?:factory|business|services|manufacturing) (?:activity|growth|index)|durable goods|factory executives",
    ),
    Cue(
        "tariff_trade",
        r"duties|duty|levies|levy|imports?|importers|exports?|trade(?! (?:secrets?|in|group))|customs"
        r"|beijing|reciprocal|retaliation",
        r"impos\w+|rais\w+|hik\w+|threat\w+|retaliat(?:es?|ed|ing)|escalat\w+|takes? effect|new tariffs?|doubl\w+"
        r"|slap\w*|sweeping|worse|announc\w+|goes up|higher|blocks?|hits? back|counter\w*|answers|lifts|loom\w*"
        r"|match\w+|struck back|will not last|false|den(?:y|ies|ied)",
        r"paus\w+|exempt\w*|delay\w*|suspend\w*|deal|truce|agree(?:s|d|ment)|eas(?:e|es|ed|ing)|cut(?:s|ting)?"
        r"|roll(?:s|ed)? back|reprieve|lower\w*|remov\w+|de-?escalat\w+|cool down|relief|escapes?|spared?|softens?"
        r"|unsustainable|progress|hopes?",
        r"tariffs?|trade (?:war|deal|talks|truce|conflict|tensions|policy|gap|deficit)|liberation day"
        r"|export controls?",
        bad=True,
    ),
    Cue(
        "sanctions",
        r"blacklist\w*|asset freeze|entity list|treasury department|oligarchs?",
        r"impos\w+|new|tighten\w*|expand\w*|threat\w+",
        r"lift\w*|eas(?:e|es|ed|ing)|waiv\w+|remov\w+",
        r"sanction(?:s|ed|ing)?|embargo",
        bad=True,
    ),
    Cue(
        "armed_conflict",
        r"military|troops|drones?|conflict|soldiers|army|shelling|attacks?|rebels|defen[cs]e minist\w+",
        r"attack\w*|invad\w+|strikes?|launch\w*|kill\w*|escalat\w+|retaliat\w+|bomb\w*",
        r"ceasefire|truce|peace|withdraw\w*|talks|de-?escalat\w+",
        r"(?<!trade )(?<!price )war(?! chest)|invasion|invades?|missiles?|air ?strikes?|ceasefire|houthis?"
        r"|hostilities",
        bad=True,
    ),
    Cue(
        "election_policy",
        r"vot(?:e|es|ers|ing)|parliament|coalition|polls?|lawmakers|prime minister|president-elect|campaign",
        r"uncertain\w*|deadlock|collaps\w+|snap|upset|crisis|hung",
        r"majority|stab\w+|clear win|landslide",
        r"elections?|referendum|impeach\w*",
    ),
    Cue(
        "regulation",
        r"regulators?|rules?|bill|agency|ban|congress|senate|drug prices?",
        r"tighten\w*|ban\w*|restrict\w*|crack(?:s|ed)? down|curbs?|stricter|caps?|slash\w*|threats?|war on",
        r"loosen\w*|repeal\w*|roll(?:s|ed)? back|eas(?:e|es|ed|ing)|deregulat\w+|scrap\w*",
        r"regulations?|legislation|execut(?:ive|ing) orders?|deregulat\w+|drug[- ]pric(?:es|ing)",
    ),
    Cue(
        "natural_disaster",
        r"damage|insured losses|evacuat\w+|storms?|landfall|floods?|richter",
        r"\w+",
        "",
        r"hurricanes?|earthquakes?|wildfires?|flooding|tornado\w*|typhoons?|(?<!silver )tsunami|cyclones?|droughts?",
        bad=True,
    ),
    Cue(
        "pandemic",
        r"virus|outbreak|infections?|vaccin\w+|health emergency|variant",
        r"spread\w*|surg\w+|ris\w+|lockdown\w*|deaths?|new",
        r"eas\w+|reopen\w*|vaccin\w+|declin\w+|fall\w*",
        r"pandemic|covid\w*|bird flu|lockdowns?|quarantines?|epidemic",
        bad=True,
    ),
    Cue(
        "energy_supply",
        r"oil|crude|barrels?|brent|wti|refiner\w+|pipelines?|natural gas|energy",
        r"cut\w*|disrupt\w*|halt\w*|shortage|outage|tighten\w*|block\w*|attack\w*",
        r"rais\w+|boost\w*|increas\w+|glut|resum\w+|more output|restor\w+|unwind\w*|faster",
        r"opec\+?|oil (?:supply|output|production)|gas supply|lng",
    ),
    Cue(
        "commodity_shock",
        r"metals?|ounce|tonne|bushel|(?<!jones )(?<!stock )futures",
        r"surg\w+|soar\w*|spik\w+|record|jump\w*|shortage",
        r"fall\w*|fell|plung\w+|drop\w*|eas\w+|sinks?|sank|slid\w*",
        r"(?:gold|copper|steel|alumin(?:i)?um|wheat|corn|lithium|commodity|cocoa|coffee|oil|crude) prices?"
        r"|gold (?:hits|tops|climbs|rises|falls|drops|sets)"
        r"|(?:brent|crude|oil) (?:\w+ )?(?:sinks?|falls?|drops?|slides?|tumbles?|jumps?|soars?|surges?|rises?)",
    ),
    Cue(
        "fx_move",
        r"(?<!illion-)dollar(?! (?:general|tree|store))|currency|currencies|euro|yen|yuan|sterling",
        r"dollar (?:\w+ ){0,2}(?:ris\w+|rose|jump\w*|surg\w+|climb\w*|strengthen\w*|gains?)|strong(?:er)? dollar",
        r"dollar (?:\w+ ){0,3}(?:fall\w*|fell|slid\w*|drop\w*|sinks?|sank|weaken\w*|slump\w*|tumbl\w+)"
        r"|weak(?:er)? dollar",
        r"exchange rates?|devaluation|devalu\w+|dollar index|currency intervention"
        r"|dollar (?:falls?|slides?|drops?|slumps?|jumps?|rises?|tumbles?)",
    ),
    Cue(
        "banking_stress",
        r"depositors?|lenders?|liquidity|contagion|bailout|rescue",
        r"\w+",
        r"rescued?|backstops?|guarantee\w*|calm\w*|stabili\w+",
        r"bank (?:runs?|failures?|collapse)|banking crisis|bank fails|fdic|deposit flight",
        bad=True,
    ),
    Cue(
        "fiscal",
        r"deficit|spending|borrowing|congress|taxes|tax|treasury",
        r"shutdown|downgrad\w*|cuts?|default|deadlock|widen\w*|loses?|lost|swell\w*|rais\w+",
        r"stimulus|tax cuts?|deal|pass(?:es|ed)|avert\w*|agree\w*|relief",
        r"debt (?:ceiling|limit)|stimulus|tax (?:bill|cuts?|reform)|government shutdown|budget|spending bill",
    ),
    Cue(
        "cyber_systemic",
        r"hackers?|systems|outage|airports?|hospitals",
        r"\w+",
        r"restor\w+|recover\w*|fixed|resum\w+",
        r"cyber-?attacks?|global (?:\w+ )?outage|ransomware|data breach(?:es)?",
        bad=True,
    ),
    Cue(
        "other",
        r"shares|traders|markets?|fear gauge|vix",
        _DOWN + r"|loss\w*|tumbl\w*|bear market|selloff",
        _UP + r"|soar\w*|rall\w+|rebound\w*|gain\w*",
        r"s&p 500|wall street|nasdaq|the dow|dow|stocks|stock futures",
    ),
)
"""In order of preference where two types are told as often. What a market did is no event of its own but "other"."""

TOLD_BY_TONE = frozenset(("labor", "growth"))
"""Types whose direction the directional rules read best: they know that claims are bad and payrolls good."""

DATA_RELEASES = frozenset(("inflation", "labor", "growth"))

STAGES: tuple[tuple[str, str], ...] = (
    (
        "rumor",
        r"reportedly|consider(?:s|ing)|mull(?:s|ing)|weigh(?:s|ing)|may|could|might|rumou?r\w*|people familiar",
    ),
    (
        "deescalation",
        r"paus(?:e|es|ed)|truce|ceasefire|exempt\w*|suspend\w*|roll(?:s|ed)? back|de-?escalat\w+|reprieve|eases",
    ),
    (
        "effective",
        r"takes? effect|took effect|in force|effective (?:today|immediately)|goes? into effect|begins? collecting",
    ),
    ("escalation", r"retaliat\w+|escalat\w+|hits? back|counter-?tariffs?|rais(?:es|ed)|doubl\w+|steps? up"),
)
"""Stages in order of preference with the words that tell them in a title; anything else is announced."""

GREAT = (
    r"sweeping|across[- ]the[- ]board|emergency|record|historic|worst|biggest|largest|steepest|highest since"
    r"|lowest since|crash\w*|plung\w+|unprecedented|all imports|every country|universal|invasion|collapse\w*"
    r"|most since|panic|rout|reciprocal"
)
SMALL = r"little changed|slight\w*|modest\w*|minor|unchanged|edges?|narrow\w*|small"
SHOCK = r"unexpected\w*|surpris\w+|shock\w*|stun\w*|abrupt\w*|sudden\w*|out of the blue|reverses? course"
BEYOND = (
    r"than [\w' ]{0,30}(?:expected|forecast|estimated|feared|predicted|assumed|anticipated)"
    r"|(?:above|below|beats?|miss\w*) (?:estimates|forecasts|expectations)"
)
AS_EXPECTED = r"as (?:widely )?expected|in line with (?:estimates|expectations|forecasts)|widely expected"

REGIONS: dict[str, str] = {
    "US": r"United States|U\.S\.|US|USA|America\w*|Federal Reserve|Fed|FOMC|Washington|Trump|White House|Powell"
    r"|Wall Street|Treasury|Congress",
    "EU": r"Europe\w*|EU|[Ee]uro ?zone|[Ee]uro area|ECB|German\w*|France|French|Ital\w+|Spain|Brussels|Ukrain\w+"
    r"|Russia\w*",
    "UK": r"Britain|British|UK|U\.K\.|United Kingdom|Bank of England|London",
    "CN": r"China\w*|Chinese|Beijing|Xi Jinping",
    "JP": r"Japan\w*|Tokyo|BOJ|Bank of Japan",
    "IN": r"India\w*|New Delhi|Mumbai",
    "LATAM": r"Mexic\w+|Brazil\w*|Argentin\w+|Latin America\w*|Chile\w*|Colombia\w*",
    "MEA": r"Israel\w*|Iran\w*|Saudi\w*|Gaza|Middle East\w*|Yemen|Red Sea|Africa\w*|Qatar|Emirates|Houthi\w*",
    "APAC": r"Asia\w*|Korea\w*|Taiwan\w*|Vietnam\w*|Australia\w*|Singapore|Thailand|Indonesia\w*",
    "GLOBAL": r"global\w*|[Ww]orldwide|IMF|World Bank|OECD|WTO|G7|G20|OPEC\+?|the world",
}

COMMODITIES: dict[str, str] = {
    "oil": r"oil|crude|brent|wti",
    "natgas": r"natural gas|lng",
    "gold": r"gold",
    "copper": r"copper",
    "steel": r"steel",
    "wheat": r"wheat",
    "corn": r"corn",
    "lithium": r"lithium",
    "semis": r"chips|semiconductors?",
}

CURRENCIES: dict[str, str] = {
    "USD": r"dollar|greenback",
    "EUR": r"euro",
    "JPY": r"yen",
    "CNY": r"yuan|renminbi",
    "GBP": r"sterling|pound",
}

SECTORS: dict[str, str] = {
    "Energy": r"oil companies|oil majors|drillers|energy (?:stocks|shares|sector)",
    "Materials": r"miners|chemical makers|materials (?:stocks|sector)",
    "Steel": r"steelmakers?",
    "Industrials": r"manufacturers|industrial (?:stocks|shares|companies)",
    "Passenger Airlines": r"airlines|carriers",
    "Aerospace & Defense": r"defen[cs]e (?:stocks|contractors|companies)|planemakers?|arms makers",
    "Consumer Discretionary": r"retailers|retail stocks|consumer stocks",
    "Automobile Manufacturers": r"carmakers?|automakers?|car makers|auto (?:stocks|industry)",
    "Homebuilding": r"homebuilders?",
    "Consumer Staples": r"food (?:makers|companies)|grocers|staples",
    "Health Care": r"drug ?makers?|pharmaceutical(?:s| companies| industry)|health insurers|hospitals|medicines",
    "Financials": r"banks|lenders|bank (?:stocks|shares)|insurers|financial stocks",
    "Information Technology": r"tech(?:nology)? (?:stocks|shares|companies|sector|giants)|software companies",
    "Semiconductors": r"chip ?makers?|chip stocks|semiconductor (?:stocks|companies|industry)",
    "Technology Hardware, Storage & Peripherals": r"smartphones|computers|phones|laptops|servers",
    "Communication Services": r"media companies|telecoms?|social media",
    "Utilities": r"utilities",
    "Real Estate": r"real estate|reits|property (?:stocks|companies)",
}
"""GICS sectors and sub-industries as texts speak of them."""
