"""Events about what a company makes, whom it employs and what befalls it, as data."""

from stonks.model.signal import EventType as E
from stonks.stages.extractor.core.event_rule import Rule

_JOBS = r"(?:jobs|workforce|staff|headcount|positions|employees|workers|roles)"
_CHIEF = r"(?:ceo|cfo|coo|chief|chair(?:man|woman|person|)|president|boss|founder|director|officer|head of|md)"
_DRUG = r"(?:trials?|study|phase (?:[1-4]|i{1,3}|one|two|three)|drug|vaccine|therapy|treatment|pill)"
_WATCHDOG = r"(?:fda|ema|chmp|european commission|health canada|nice)"

BUSINESS: tuple[Rule, ...] = (
    Rule(
        E.FDA_CLINICAL_POS,
        0.7,
        "fda ema chmp euro heal tria stud phas drug vacc ther pill trea regu",
        rf"\bregulators?\b[^.;:]{{0,30}}\b(?:approv\w+|backs|clears?|cleared)\b[^.;:]{{0,60}}\b{_DRUG}\b"
        rf"|\b{_WATCHDOG}\b[^.;:]{{0,60}}\b(?:approv\w+|clears|cleared|clearance|nod|backs|recommend\w+|grants"
        rf"|granted)\b|\b(?:approv\w+|clearance|nod)\b[^.;:]{{0,30}}\b(?:from|by)\b[^.;:]{{0,20}}\b{_WATCHDOG}\b"
        rf"|\b(?:breakthrough|fast[- ]track|priority review)\b[^.;:]{{0,30}}\b(?:status|designation|drug|therapy"
        rf"|review)\b"
        rf"|\b{_DRUG}\b[^.;:]{{0,60}}\b(?:meets|met|succeed\w*|success\w*|positive|promising|superior|effective"
        rf"|benefits)\b",
        veto=r"\b(?:reject\w*|declin\w+|refus\w+|fail\w*|not approv\w+|before approv\w+)\b",
    ),
    Rule(
        E.FDA_CLINICAL_NEG,
        -0.8,
        "fda ema chmp euro heal tria stud phas drug vacc ther pill trea",
        rf"\b{_WATCHDOG}\b[^.;:]{{0,60}}\b(?:reject\w*|declin\w+|refus\w+|complete response|clinical hold"
        rf"|warning letter|delays?)\b"
        rf"|\b{_DRUG}\b[^.;:]{{0,60}}\b(?:fails?|failed|failure|halt\w*|discontinu\w+|miss(?:es|ed)|disappoint\w*"
        rf"|setback|deaths?)\b",
    ),
    Rule(
        E.LITIGATION_REGULATORY,
        0.4,
        "dism toss thro win wins won favo over clea drop acqu regu esca avoi not",
        r"\bregulat(?:ors?|ory)\b[^.;:]{0,30}\b(?:approv\w+|nod|clears?|cleared|clearance|green light|backs)\b"
        r"|\b(?:escapes?|avoids?|not to face)\b[^.;:]{0,40}\b(?:prosecution|charges|fines?|trial|penalt\w+)\b"
        r"|\b(?:dismiss\w*|toss\w*|throws? out|wins?|won|in favou?r of|overturn\w*|cleared of|drops?"
        r"|acquit\w*)\b[^.;:]{0,40}\b(?:lawsuits?|case|suit|appeal|verdict|ruling|probe|patent|charges|dispute)\b",
    ),
    Rule(
        E.LITIGATION_REGULATORY,
        -0.5,
        "sue sues sued suin fine pena indi subp prob inve accu raid char slap pros",
        r"\b(?:sues?|sued|suing|fines|fined|penali[sz]e[sd]?|indict\w*|subpoena\w*|probes|probed|probing"
        r"|investigates?|investigated|investigating|accuses?|accused|raids?|raided|slapped with|charged with"
        r"|prosecut(?:e|es|ed|ing))\b",
        about="object",
    ),
    Rule(
        E.LITIGATION_REGULATORY,
        -0.5,
        "laws clas liti sett verd pena fine prob inve brib frau whis misc regu suit pros lega pate",
        r"\b(?:lawsuits?|class[- ]actions?|litigation|settle(?:s|d|ment)\b[^.;:]{0,30}\b(?:claims?|charges|case"
        r"|suit|lawsuits?)|verdict|penalt(?:y|ies)|fine of|probe|investigation|bribery|fraud|whistleblower"
        r"|misconduct|regulatory scrutiny|prosecution|legal (?:action|battle|challenge|dispute|fight|row|case)"
        r"|(?:to|will|agrees? to) settle|(?:settlement|legal) (?:charge|costs?|deal|bill)|charge on settlement"
        r"|patents?\b[^.;:]{0,40}\b(?:invalid\w*|infring\w+|revoked|dispute))\b",
        veto=r"\b(?:fraud (?:detection|prevention|protection)|class[- ]action deadline|not to face"
        r"|settlement dates?)\b",
    ),
    Rule(
        E.ANTITRUST,
        -0.5,
        "anti mono comp digi",
        r"\b(?:anti-?trust|monopol\w+|competition (?:probe|inquiry|authority|watchdog|regulator|law|case)"
        r"|digital markets act)\b",
        veto=r"\bmonopoly stocks?\b",
    ),
    Rule(
        E.LAYOFFS,
        -0.2,
        "layo lay lays layi laid job jobs work staf head posi empl role redu furl",
        rf"\blay(?:s|ing)?[- ]?offs?\b|\blaid off\b|\bjob (?:cuts?|losses)\b|\bredundanc(?:y|ies)\b|\bfurlough\w*\b"
        rf"|\b(?:cut(?:s|ting)?|slash\w*|eliminat\w+|shed(?:s|ding)?|axe[sd]?|reduc\w+"
        rf"|trim\w*)\b[^.;:]{{0,30}}\b{_JOBS}\b",
    ),
    Rule(
        E.RESTRUCTURING,
        -0.1,
        "rest reor over turn clos cost stre",
        r"\b(?:restructur\w+|reorgani[sz]\w+|overhauls?|turnaround plan|cost[- ]cutting|streamlin\w+)\b"
        r"|\bclos(?:es|ing|ure of)\b[^.;:]{0,25}\b(?:stores|plants?|factor(?:y|ies)|branches|facilit\w+|offices)\b",
        veto=r"\b(?:software|design|network|operating system|permits?|permitting)\b",
    ),
    Rule(
        E.MANAGEMENT_CHANGE,
        -0.1,
        "ceo cfo coo chie chai pres boss foun dire offi head md exec boar mana lead poac appo hire",
        rf"\b{_CHIEF}\b[^.;:]{{0,50}}\b(?:step(?:s|ping|ped)? down|resign\w*|retir(?:es|ed|ing|ement)|quits?"
        rf"|depart\w*|leaves|leaving|ousted|fired|to go|exits?|replaced|succeeded)\b"
        rf"|\b(?:appoint\w*|names|named|hires?|hired|taps|promot\w+|elevat\w+)\b[^.;:]{{0,60}}\b{_CHIEF}\b"
        rf"|\b(?:new|interim|next) (?:ceo|cfo|coo|chief|chair\w*)\b|\b(?:steps? down|resigns?|quits|retires) as\b"
        rf"|\b(?:replaces|succeeds|to succeed|poaches|recruits)\b[^.;:]{{0,40}}\bas (?:\w+ ){{0,2}}{_CHIEF}\b"
        rf"|\b{_CHIEF} (?:appointment|departure|succession|search|exit)\b|\bshak(?:es?|ing) up (?:its |the )?"
        rf"(?:board|management|leadership)\b|\b(?:board|management|boardroom|leadership) (?:reshuffle|shake-?up)\b"
        rf"|\b(?:poaches|appoints)\b",
    ),
    Rule(
        E.PRODUCT,
        0.25,
        "laun unve intr roll rele debu reve",
        r"\b(?:launch\w*|unveil\w*|introduc\w+|roll(?:s|ed|ing)? out|releases?|released|debuts?"
        r"|reveals?)\b[^.;:]{0,60}\b(?:products?|phones?|iphones?|models?|services?|apps?|platform|features?"
        r"|devices?|chips?|drugs?|versions?|tools?|software|ai|assistant|menu|jets?|aircraft|cars?|vehicles?"
        r"|cards?|programs?|collection|store|cloud|updates?|line|offering|solutions?)\b",
        veto=r"\b(?:launch\w*|releases?) (?:an? )?(?:probe|investigation|offer|bid|results|earnings)\b",
    ),
    Rule(
        E.CONTRACT_WIN,
        0.5,
        "cont orde tend awar",
        r"\b(?:wins?|won|winning|secur(?:es|ed)|lands|landed|awarded|bag(?:s|ged)|clinch\w*|receiv(?:es|ed)|gets"
        r"|signs|signed|books|booked)\b[^.;:]{0,50}\b(?:contracts?|orders?|tenders?)\b|\bcontract (?:win|award)\b"
        r"|\bfirm orders?\b|\border(?:s|ed)? (?:for )?\d+\b",
        veto=r"\b(?:court|executive|restraining|judge|probe) orders?\b|\border to\b",
    ),
    Rule(
        E.PARTNERSHIP,
        0.2,
        "part team coll alli join tie ties sign ink inks inke mou exte stri stru land reac bag bags clin seal rene "
        "agre supp lice dist drug gas pay",
        r"\bpartner(?:ed|ing|ships?)\b|\bpartners? (?:up )?with\b|\bteam(?:s|ed|ing) up\b|\bcollaborat\w+"
        r"|\balliance with\b"
        r"|\bstrategic alliance\b|\bjoint venture\b|\btie[- ]?ups?\b|\bties up\b|\bjoins? (?:forces|hands)\b"
        r"|\b(?:signs?|signed|inks?|inked|extends?|extended|strikes?|struck|lands?|landed|reach(?:es|ed)?|bags?"
        r"|clinch\w*|seals?|sealed|renews?|renewed|agrees?)\b[^.;:]{0,40}\b(?:agreements?|mou|pacts?|deals?)\b"
        r"|\b(?:supply|licen[cs]ing|distribution|drug|gas) (?:agreement|deal|pact)s?\b"
        r"|\bto pay\b[^.;:]{0,40}\bup to\b[^.;:]{0,25}\bfor\b",
        about="parties",
        veto=r"\b(?:takeover|merger|buyout|acquisition|all-share|all-stock|clears?|plea|settle\w*)\b"
        r"|\b(?:definitive|merger|purchase) agreement\b|\bdeal to (?:sell|buy|acquire)\b"
        r"|(?:\b(?:billion|bln|bn)\b|[$€£]\S*\d)[^.;:]{0,30}\btie[- ]?up\b",
    ),
    Rule(
        E.CYBER,
        -0.5,
        "cybe data rans hack malw secu",
        r"\bcyber[- ]?attacks?\b|\bdata (?:breach|leak|theft)\w*|\bransomware\b|\bhack(?:ed|ers?|ing|s)?\b"
        r"|\bmalware\b|\b(?:cyber ?)?security (?:breach|incident|flaw|vulnerability)\b",
    ),
    Rule(
        E.RECALL,
        -0.5,
        "reca",
        r"\brecall(?:s|ed|ing)?\b",
        veto=r"\brecall(?:s|ed)? (?:that|how|when|his|her|the day)\b|\brecall (?:software|management)\b",
    ),
    Rule(
        E.OUTAGE,
        -0.4,
        "outa goes went serv blac glit grou syst offl",
        r"\boutages?\b|\b(?:goes|went) (?:down|dark|offline)\b|\bservice disruption\b|\bblackouts?\b|\bglitch\w*"
        r"|\bground(?:ed|ing)s?\b[^.;:]{0,20}\b(?:fleet|jets?|planes?|flights?|737)|\bsystem failure\b",
    ),
    Rule(
        E.SUPPLY_DISRUPTION,
        -0.4,
        "supp shor prod deli ship outp stri walk work expo fact",
        r"\bsupply[- ]chain (?:disrupt\w+|problems?|issues?|woes|snarls)|\bshortages?\b"
        r"|\b(?:strikes?|walkout|work stoppage)\b[^.;:]{0,40}\b(?:workers|union|plants?|factor\w+|ports?)\b"
        r"|\b(?:workers|union)\b[^.;:]{0,30}\b(?:strike|walk out|walkout)\b|\bexport (?:ban|curbs?|controls?)\b"
        r"|\b(?:halt\w*|suspend\w*|stop(?:s|ped)|paus\w+)\b[^.;:]{0,30}\b(?:production|deliver\w+|shipments"
        r"|output)\b",
    ),
    Rule(
        E.MACRO_LINK,
        0.0,
        "tari trad rece infl fede fed inte sanc geop oil levi",
        r"\btariffs?\b|\bimport (?:duties|levies)\b|\btrade (?:war|tensions?|deal|truce)\b|\brecession\b"
        r"|\binflation\b|\bfederal reserve\b|\bthe fed\b|\binterest rates?\b|\bsanctions\b|\bgeopolitic\w+"
        r"|\boil prices\b",
    ),
)
