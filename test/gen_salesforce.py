#!/usr/bin/env python3
"""Generate realistic Salesforce CSV exports: Account.csv, Opportunity.csv and more.

The files imitate, byte for byte in form, what a common nightly exporter writes:
it fetches records with simple_salesforce (``SELECT FIELDS(ALL) FROM Account``),
passes every *string* value through ``value.encode("unicode_escape")`` and hands
the records to ``csv.DictWriter`` with its defaults.  That gives:

* comma separator, CRLF line ends, QUOTE_MINIMAL, ``"`` doubled inside quotes,
  one header line, UTF-8 without a byte order mark;
* ``None`` becomes an empty field, booleans ``True`` / ``False``, numbers as
  Python's ``repr`` (``50.0``, ``1200``);
* text with non-ASCII, control characters and backslashes escaped the Python
  way: ``\\xe9``, ``\\u2019``, ``\\n``, ``\\\\`` (so a record never spans lines);
* date-times as ``2023-04-05T14:33:21.000+0000``, dates as ``2023-04-05``;
* compound addresses as the ``repr`` of the mapping that the JSON decoder built.
  They are not strings, so the exporter does *not* escape them: accents appear
  there as raw UTF-8, and the text holds quotes and commas.

All data is made up: names, addresses, numbers and mail domains (example.org)
belong to nobody.  The output depends only on the options (seed included):
the generator draws from ``random.Random.random`` alone, whose sequence Python
keeps stable between versions.

Examples
--------
::

    gen_salesforce.py out                            # 1 MiB + 10 MiB, seed 1
    gen_salesforce.py out --account 100M --opportunity 1G
    gen_salesforce.py out --account 2200r --opportunity 2200r   # row counts
    gen_salesforce.py out --edge-cases 0.01 --raw-newlines
    gen_salesforce.py out --contact 3000r --lead 100r --user 60r --case 500r
    gen_salesforce.py out --plant-email         # in the last row's product
    gen_salesforce.py out --canaries canaries.txt   # in personal columns, listed

Speed: about 12 MB/s with CPython 3.11 on one core (1 GB in 80 s).
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import random
import sys
import time
import unicodedata
from bisect import bisect_left
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from itertools import accumulate, islice
from typing import Any, Callable, Iterator, List, NamedTuple, Optional, Sequence, Tuple

Row = Tuple[object, ...]

ACCOUNT_FIELDS: Tuple[str, ...] = (
    "Id", "IsDeleted", "MasterRecordId", "Name", "Type", "ParentId",
    "BillingStreet", "BillingCity", "BillingState", "BillingPostalCode",
    "BillingCountry", "BillingLatitude", "BillingLongitude",
    "BillingGeocodeAccuracy", "BillingAddress",
    "ShippingStreet", "ShippingCity", "ShippingState", "ShippingPostalCode",
    "ShippingCountry", "ShippingLatitude", "ShippingLongitude",
    "ShippingGeocodeAccuracy", "ShippingAddress",
    "Phone", "Website", "PhotoUrl", "Industry", "NumberOfEmployees",
    "Description", "OwnerId", "CreatedDate", "CreatedById",
    "LastModifiedDate", "LastModifiedById", "SystemModstamp",
    "LastActivityDate", "LastViewedDate", "LastReferencedDate",
    "Jigsaw", "JigsawCompanyId", "AccountSource", "SicDesc",
    "CDS_AccountNameFrench__c", "CDS_MandateLetter__c",
    "CDS_Other_Account_Type__c", "CDS_Sector__c", "CDS_SpecifyOtherSector__c",
    "CDS_Verified__c", "CDS_Department_list_export__c",
)

OPPORTUNITY_FIELDS: Tuple[str, ...] = (
    "Id", "IsDeleted", "AccountId", "RecordTypeId", "IsPrivate", "Name",
    "Description", "StageName", "Amount", "Probability", "ExpectedRevenue",
    "TotalOpportunityQuantity", "CloseDate", "Type", "NextStep", "LeadSource",
    "IsClosed", "IsWon", "ForecastCategory", "ForecastCategoryName",
    "CampaignId", "HasOpportunityLineItem", "Pricebook2Id", "OwnerId",
    "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById",
    "SystemModstamp", "LastActivityDate", "PushCount", "LastStageChangeDate",
    "FiscalQuarter", "FiscalYear", "Fiscal", "ContactId", "LastViewedDate",
    "LastReferencedDate", "HasOpenActivity", "HasOverdueTask",
    "LastAmountChangedHistoryId", "LastCloseDateChangedHistoryId",
    "CDS_Opportunity_Number__c", "CDS_Lead_Team__c", "Product_to_Add__c",
)

CONTACT_FIELDS: Tuple[str, ...] = (
    "Id", "IsDeleted", "MasterRecordId", "AccountId", "LastName", "FirstName",
    "Salutation", "Name", "MailingStreet", "MailingCity", "MailingState",
    "MailingPostalCode", "MailingCountry", "MailingLatitude",
    "MailingLongitude", "MailingGeocodeAccuracy", "MailingAddress", "Phone",
    "MobilePhone", "ReportsToId", "Email", "Title", "Department",
    "LeadSource", "Birthdate", "Description", "OwnerId", "CreatedDate",
    "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp",
    "HasOptedOutOfEmail", "DoNotCall", "CDS_Contact_ID__c",
)

LEAD_FIELDS: Tuple[str, ...] = (
    "Id", "IsDeleted", "LastName", "FirstName", "Salutation", "Name", "Title",
    "Company", "Street", "City", "State", "PostalCode", "Country", "Latitude",
    "Longitude", "GeocodeAccuracy", "Address", "Phone", "Email", "Description",
    "LeadSource", "Status", "Industry", "OwnerId", "IsConverted", "CreatedDate",
    "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp",
)

USER_FIELDS: Tuple[str, ...] = (
    "Id", "Username", "LastName", "FirstName", "Name", "CompanyName",
    "Division", "Department", "Title", "Email", "Alias", "IsActive",
    "TimeZoneSidKey", "LocaleSidKey", "EmployeeNumber", "LastLoginDate",
    "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById",
    "SystemModstamp",
)

CASE_FIELDS: Tuple[str, ...] = (
    "Id", "IsDeleted", "CaseNumber", "ContactId", "AccountId", "SuppliedName",
    "SuppliedEmail", "SuppliedPhone", "Type", "Status", "Reason", "Origin",
    "Subject", "Priority", "Description", "IsClosed", "ClosedDate", "OwnerId",
    "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById",
    "SystemModstamp",
)

# Columns that hold what identifies a person or what somebody typed: where
# canaries are planted.
PERSONAL = {
    "Account": ("BillingStreet", "ShippingStreet", "Phone", "Description"),
    "Opportunity": ("Description", "NextStep"),
    "Contact": ("LastName", "FirstName", "Name", "MailingStreet", "Phone",
                "MobilePhone", "Email", "Title", "Description"),
    "Lead": ("LastName", "Name", "Street", "Phone", "Email", "Description"),
    "User": ("Username", "LastName", "Name", "Email", "Alias"),
    "Case": ("SuppliedName", "SuppliedEmail", "Subject", "Description"),
}

# --------------------------------------------------------------------------
# Vocabulary
# --------------------------------------------------------------------------

ORG_HEADS = (
    "Department of", "Office of", "Ministry of", "Agency for", "City of",
    "Service", "Bureau of", "Centre for", "Commission on", "Council of",
)
ORG_HEADS_FR = (
    "Minist\u00e8re de", "Bureau de", "Minist\u00e8re de", "Agence de",
    "Ville de", "Service", "Bureau de", "Centre de", "Commission de",
    "Conseil de",
)
ORG_TOPICS = (
    ("Health", "la Sant\u00e9"), ("Transport", "Transports"),
    ("Fisheries, Oceans", "P\u00eaches, Oc\u00e9ans"), ("Justice", "la Justice"),
    ("Employment", "l\u2019Emploi"), ("Heritage", "Patrimoine"),
    ("Agriculture", "l\u2019Agriculture"), ("Statistics", "la Statistique"),
    ("Veterans", "V\u00e9t\u00e9rans"), ("Natural Resources", "Ressources naturelles"),
    ("Public Safety", "la S\u00e9curit\u00e9 publique"), ("Taxation", "l\u2019Imp\u00f4t"),
    ("Housing", "Logement"), ("Trade", "Commerce"), ("Archives", "Archives"),
    ("Infrastructure", "l\u2019Infrastructure"), ("Elections", "\u00c9lections"),
    ("Environment", "l\u2019Environnement"), ("Parks", "Parcs"),
    ("Citizenship", "la Citoyennet\u00e9"),
)
ORG_TAILS = (
    "", "", "", " - Digital Unit", " (Pilot)", ", Region of Qu\u00e9bec",
    ", Ontario", " \u2013 Service Delivery", ' "Next" Team', " & Partners",
    " North", " South", " - O'Brien Branch",
)
CITIES = (
    ("Ottawa", "ON", "K1A 0A9", 45.4215, -75.6972),
    ("Gatineau", "QC", "J8X 4B1", 45.4765, -75.7013),
    ("Montr\u00e9al", "QC", "H2Y 1C6", 45.5019, -73.5674),
    ("Qu\u00e9bec", "QC", "G1R 4P5", 46.8139, -71.2080),
    ("Trois-Rivi\u00e8res", "QC", "G9A 5H7", 46.3430, -72.5421),
    ("Toronto", "ON", "M5V 2T6", 43.6532, -79.3832),
    ("Vancouver", "BC", "V6B 1A1", 49.2827, -123.1207),
    ("Halifax", "NS", "B3J 1S9", 44.6488, -63.5752),
    ("Winnipeg", "MB", "R3C 4T3", 49.8951, -97.1384),
    ("St. John's", "NL", "A1C 5M2", 47.5615, -52.7126),
    ("Iqaluit", "NU", "X0A 0H0", 63.7467, -68.5170),
)
STREETS = (
    "Rue de l'\u00c9glise", "Main Street", "Wellington St.", "Sparks Street",
    "Boul. Ren\u00e9-L\u00e9vesque", "King Street West", "Elm Avenue",
    "Chemin du Lac", "Queen's Quay", "Portage Avenue",
)
SUITES = ("", "", "", ", Suite {}", "\nFloor {}", "\r\nRoom {}", ", Unit {}B")
WORDS = (
    "service", "the", "team", "notify", "users", "and", "for", "with", "a",
    "form", "to", "launch", "plan", "email", "of", "messages", "public",
    "citizens", "program", "digital", "in", "pilot", "request", "template",
    "asked", "about", "contact", "needs", "monthly", "volume", "reminders",
    "benefit", "applicants", "r\u00e9sum\u00e9", "\u00e9quipe", "don\u2019t",
    "fran\u00e7ais", "courriels", "t\u00e9l\u00e9phone", "s\u00e9curit\u00e9",
    "accessibility", "department", "approval", "pending", "privacy", "review",
    "see", "notes", "call", "back", "next", "week", "Q3", "2,000", "50,000",
    '"go live"', "C:\\Shared", "\u2014", "\u2022", "\U0001F600", "by", "owner",
)
JOINTS = (" ",) * 18 + (", ", ". ", "\n", "\r\n", "; ", "\t")
GIVEN_NAMES = (
    "Ad\u00e8le", "Andr\u00e9", "Anjali", "Beno\u00eet", "C\u00e9line", "Chlo\u00e9",
    "David", "\u00c9milie", "Fatima", "Fran\u00e7ois", "Grace", "H\u00e9l\u00e8ne",
    "Isabelle", "Jean-Fran\u00e7ois", "Liam", "Marie-\u00c8ve", "Na\u00efma", "Noah",
    "Olivia", "Ren\u00e9e", "Siobh\u00e1n", "St\u00e9phane", "Wei", "Zo\u00eb",
)
SURNAMES = (
    "Beaulieu", "B\u00e9langer", "C\u00f4t\u00e9", "Deschamps", "Fortin", "Gagn\u00e9",
    "Gauthier", "Kowalski", "L\u00e9vesque", "MacDonald", "Nguyen", "O'Brien",
    "Ouellet", "Singh", "Smith", "St-Pierre", "Th\u00e9riault", "Tremblay", "Wong",
)
TITLES = ("Director", "Product owner", "Gestionnaire", "Analyst", "Charg\u00e9 de projet")
PRODUCTS = (
    ("GC Notify", 62), ("GC Forms", 17), ("GC Articles", 6),
    ("GC Design System", 5), ("Platform", 3), ("GC Sign in", 3),
    ("GC Notify;GC Forms", 2), ("Autre / Other \u2013 pr\u00e9ciser", 1),
    (None, 1),
)
STAGES = (
    ("Trial Account", 48, 10.0, "Pipeline"), ("Live", 24, 100.0, "Closed"),
    ("Qualification", 10, 20.0, "Pipeline"), ("Proposal", 6, 50.0, "BestCase"),
    ("Closed Lost", 8, 0.0, "Omitted"), ("Negotiation", 4, 75.0, "Forecast"),
)
INDUSTRIES = ("Government", "Health", "Education", "Transportation", "Energy", None)
ACCOUNT_TYPES = ("Federal", "Provincial/Territorial", "Municipal", "Other", None)
SECTORS = ("Economic", "Social", "Security & Justice", "Health", None)
LEAD_SOURCES = ("Web", "Partner Referral", "Event, in person", "Phone Inquiry",
                "Other", None, None)
TEAMS = ("Notify", "Forms", "Business Enablement, Sales", "Platform", None)
FORECAST_NAMES = {"Pipeline": "Pipeline", "Closed": "Closed",
                  "BestCase": "Best Case", "Omitted": "Omitted",
                  "Forecast": "Commit"}

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ID_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
EPOCH = datetime(2019, 1, 1, tzinfo=timezone.utc)
SPAN_DAYS = 365 * 6

# --------------------------------------------------------------------------
# Values
# --------------------------------------------------------------------------


@lru_cache(maxsize=1 << 16)
def _check_character(five: str) -> str:
    """The check character that Salesforce derives from five Id characters."""
    bits = sum(1 << i for i, c in enumerate(five) if "A" <= c <= "Z")
    return ID_CHECK[bits]


# Ids below one prefix: nine digits of base 62.
ID_SPACE = 62 ** 9
# Odd, and not a multiple of 31: multiplying permutes the numbers below ID_SPACE.
ID_FACTORS = (7364192837465011, 9182736450918275)
sequential_ids = False


def scatter(number: int) -> int:
    """A one-to-one map of 0 .. ID_SPACE - 1 that leaves no visible order."""
    for factor in ID_FACTORS:
        number = (number * factor + 2718281828459) % ID_SPACE
        # Turn the digits around: the low ones vary little under a product.
        turned = 0
        for _ in range(9):
            number, digit = divmod(number, 62)
            turned = turned * 62 + digit
        number = turned
    return number


def salesforce_id(prefix: str, number: int) -> str:
    """An 18-character Salesforce Id: 15 case-sensitive characters, 3 of check.

    Ids look random, as those of a large organisation do, unless sequential
    ones were asked for.
    """
    digits = []
    if not sequential_ids:
        number = scatter(number)
    for _ in range(9):
        number, digit = divmod(number, 62)
        digits.append(BASE62[digit])
    fifteen = prefix + "5Q0" + "".join(reversed(digits))
    return (fifteen + _check_character(fifteen[:5])
            + _check_character(fifteen[5:10]) + _check_character(fifteen[10:]))


def escape(text: str) -> str:
    """Escape a string value as the exporter does."""
    return text.encode("unicode_escape").decode("ascii")


class Picker:
    """Weighted choice that uses one ``random()`` a draw."""

    def __init__(self, values: Sequence[Any], weights: Sequence[float]) -> None:
        self.values = list(values)
        total = float(sum(weights))
        self.bounds = [w / total for w in accumulate(weights)]
        self.bounds[-1] = 1.0

    def at(self, u: float) -> Any:
        return self.values[bisect_left(self.bounds, u)]


class Options(NamedTuple):
    """What shapes the rows (sizes and paths apart)."""

    seed: int
    address_style: str       # "ordereddict" or "dict"
    raw_newlines: bool       # leave string values unescaped
    edge_cases: float        # share of rows that get an unusual value
    bad_values: float        # share of rows that get a wrong one
    null_account: float      # share of opportunities without AccountId
    orphans: float           # share of opportunities with an unknown AccountId


class Maker:
    """Random parts shared by the two objects."""

    def __init__(self, options: Options, stream: str) -> None:
        self.options = options
        # A string seed is hashed with SHA-512 by Random: stable and well mixed.
        self.rng = random.Random(f"{options.seed}/{stream}")
        self.random: Callable[[], float] = self.rng.random
        self.text: Callable[[str], str] = escape
        if options.raw_newlines:
            self.text = lambda text: text
        self.owners = [salesforce_id("005", 1000 + 7 * i) for i in range(60)]
        self.days = [(EPOCH + timedelta(days=d)).strftime("%Y-%m-%d")
                     for d in range(SPAN_DAYS + 400)]
        self.times = [f"T{h:02d}:{m:02d}:" for h in range(24) for m in range(60)]
        self.seconds = [f"{s:02d}.000+0000" for s in range(60)]
        # Sentences are drawn from pools: quick, and yet far too many
        # combinations for a compressor to find whole descriptions repeated.
        self.phrases = [self._phrase() for _ in range(20000)]

    def pick(self, values: Sequence[Any]) -> Any:
        return values[int(self.random() * len(values))]

    def _phrase(self) -> str:
        random_, words, joints = self.random, WORDS, JOINTS
        parts: List[str] = []
        for _ in range(4 + int(random_() * 9)):
            parts.append(words[int(random_() * len(words))])
            parts.append(joints[int(random_() * len(joints))])
        return self.text("".join(parts))

    def description(self, share_empty: float, longest: int) -> str:
        u = self.random()
        if u < share_empty:
            return ""
        # Short texts are common and long ones rare.
        u = (u - share_empty) / (1.0 - share_empty)
        count = 1 + int(u * u * u * longest)
        random_, phrases = self.random, self.phrases
        size = len(phrases)
        return "".join([phrases[int(random_() * size)] for _ in range(count)])

    def timestamp(self, day: int) -> str:
        random_ = self.random
        return (self.days[day] + self.times[int(random_() * 1440)]
                + self.seconds[int(random_() * 60)])

    def org_name(self) -> Tuple[str, str]:
        """English and French name of an organisation, not yet escaped."""
        head = int(self.random() * len(ORG_HEADS))
        topic = ORG_TOPICS[int(self.random() * len(ORG_TOPICS))]
        tail = ORG_TAILS[int(self.random() * len(ORG_TAILS))]
        number = int(self.random() * 10000)
        return (f"{ORG_HEADS[head]} {topic[0]}{tail} {number}",
                f"{ORG_HEADS_FR[head]} {topic[1]}{tail} {number}")

    def address(self) -> Tuple[object, ...]:
        """The nine columns of an address, the compound one last."""
        if self.random() < 0.12:
            return (None,) * 9
        city, state, code, latitude, longitude = self.pick(CITIES)
        street = (str(1 + int(self.random() * 4000)) + " " + str(self.pick(STREETS))
                  + str(self.pick(SUITES)).format(1 + int(self.random() * 30)))
        lat: Optional[float] = None
        lon: Optional[float] = None
        accuracy: Optional[str] = None
        if self.random() < 0.3:
            lat = round(latitude + self.random() * 0.1, 6)
            lon = round(longitude + self.random() * 0.1, 6)
            accuracy = "Address"
        compound = repr({
            "city": city, "country": "Canada", "geocodeAccuracy": accuracy,
            "latitude": lat, "longitude": lon, "postalCode": code,
            "state": state, "street": street,
        })
        if self.options.address_style == "ordereddict":
            compound = f"OrderedDict({compound})"
        return (self.text(street), self.text(city), state, code, "Canada",
                lat, lon, accuracy, compound)


# Odd, and right: a strict reader takes them as they are.
EDGE_TEXTS = (
    '"', '""', ",", "'", " leading and trailing ", "=1+1", "NULL", "null",
    "None", "NA", "N/A", "\\N", "\\.", "\\", "nan", "\x1f\x7f\x85", "\u2028",
    "\ufeffBOM", "\U0001F600", "C:\\new\\xe9", "\\u2019",
    '","', 'ends with a quote"', "\r\n\r\n", "x" * 32000,
)
EDGE_TIMES = (
    "2023-04-05T14:33:21Z", "2023-04-05T14:33:21.123+0000",
    "2023-04-05T14:33:21.000-0500", "1700-01-01T00:00:00.000+0000",
    "4000-12-31T23:59:59.999+0000", "0001-01-01T00:00:00.000+0000",
)
# Wrong: a strict reader refuses them.
BAD_TEXTS = ("a\x00b", "\ud800")
BAD_TIMES = (
    "not a date", "2023-02-30T00:00:00.000+0000", "2023-04-05",
    "2023-04-05T24:00:00.000+0000", "2016-12-31T23:59:60.000+0000",
)


def odd_values(make: "Maker", name: str, created: str) -> Tuple[str, str]:
    """The name and the time of a record, made odd or wrong as often as asked."""
    options, random_ = make.options, make.random
    for share, texts, times in (
            (options.edge_cases, EDGE_TEXTS, EDGE_TIMES),
            (options.bad_values, BAD_TEXTS, BAD_TIMES)):
        if share and random_() < share:
            if random_() < 0.5:
                name = make.text(str(make.pick(texts)))
            else:
                created = str(make.pick(times))
    return name, created


def account_rows(options: Options) -> Iterator[Row]:
    """Account records without end."""
    make = Maker(options, "account")
    random_, pick, text = make.random, make.pick, make.text
    number = 0
    while True:
        number += 1
        english, french = make.org_name()
        created = int(random_() * SPAN_DAYS)
        modified = created + int(random_() * (SPAN_DAYS - created))
        created_text = make.timestamp(created)
        modified_text = make.timestamp(modified)
        name = text(english)
        name, created_text = odd_values(make, name, created_text)
        account_id = salesforce_id("001", number)
        deleted = random_() < 0.01
        billing = make.address()
        shipping = billing if random_() < 0.6 else make.address()
        has_parent = number > 1 and random_() < 0.2
        web = ("https://www.canada.ca/org/%d" % number) if random_() < 0.4 else None
        yield (
            account_id, deleted,
            salesforce_id("001", 1 + int(random_() * number)) if deleted else None,
            name, pick(ACCOUNT_TYPES),
            salesforce_id("001", 1 + int(random_() * (number - 1))) if has_parent else None,
            *billing, *shipping,
            "(613) 555-%04d" % int(random_() * 10000) if random_() < 0.5 else None,
            web,
            "/services/images/photo/" + account_id, pick(INDUSTRIES),
            10 * int(random_() * 3000) if random_() < 0.3 else None,
            make.description(0.5, 12), pick(make.owners), created_text,
            pick(make.owners), modified_text, pick(make.owners), modified_text,
            make.days[modified] if random_() < 0.4 else None,
            None, None, None, None,
            "Web" if random_() < 0.1 else None, None,
            text(french) if random_() < 0.9 else None, None, None,
            pick(SECTORS), None, random_() < 0.7, None,
        )


def opportunity_rows(options: Options, accounts: int) -> Iterator[Row]:
    """Opportunity records without end, referring to accounts 1..accounts."""
    make = Maker(options, "opportunity")
    random_, pick, text = make.random, make.pick, make.text
    products = Picker([text(p) if p else None for p, _ in PRODUCTS],
                      [w for _, w in PRODUCTS])
    stages = Picker(STAGES, [s[1] for s in STAGES])
    record_types = [salesforce_id("012", 40 + i) for i in range(3)]
    pricebook = salesforce_id("01s", 5)
    account_cache = [salesforce_id("001", i) for i in range(1, min(accounts, 200000) + 1)]
    number = 0
    while True:
        number += 1
        # Squaring favours low numbers: a few accounts own many opportunities.
        u = random_()
        index = int(u * u * accounts)
        account_id: Optional[str] = (
            account_cache[index] if index < len(account_cache)
            else salesforce_id("001", index + 1))
        u = random_()
        if u < options.null_account:
            account_id = None
        elif u < options.null_account + options.orphans:
            account_id = salesforce_id("001", 10**9 + int(random_() * 1000))
        stage, _, probability, forecast = stages.at(random_())
        created = int(random_() * SPAN_DAYS)
        modified = created + int(random_() * (SPAN_DAYS - created))
        close = created + int(random_() * 365)
        created_text = make.timestamp(created)
        modified_text = make.timestamp(modified)
        name = text(f"{ORG_TOPICS[int(random_() * len(ORG_TOPICS))][int(random_() * 2)]}"
                    f"{ORG_TAILS[int(random_() * len(ORG_TAILS))]}"
                    f" {WORDS[int(random_() * len(WORDS))]} {int(random_() * 100000)}")
        name, created_text = odd_values(make, name, created_text)
        amount = round(random_() * 500000, 2) if random_() < 0.25 else None
        closed = stage in ("Live", "Closed Lost")
        close_text = make.days[close]
        year, month = int(close_text[:4]), int(close_text[5:7])
        quarter = (month - 1) // 3 + 1
        owner = pick(make.owners)
        yield (
            salesforce_id("006", number), random_() < 0.005, account_id,
            pick(record_types), False, name, make.description(0.35, 16), stage,
            amount, probability,
            round(amount * probability / 100, 2) if amount is not None else None,
            float(1 + int(random_() * 20)) if random_() < 0.2 else None,
            close_text, pick(("New Business", "New Project", "Existing Business", None)),
            make.description(0.85, 1), pick(LEAD_SOURCES), closed, stage == "Live",
            forecast, FORECAST_NAMES[forecast], None, random_() < 0.8, pricebook,
            owner, created_text, owner if random_() < 0.6 else pick(make.owners),
            modified_text, pick(make.owners), modified_text,
            make.days[modified] if random_() < 0.5 else None, int(random_() * 4),
            modified_text if random_() < 0.6 else None, quarter, year,
            "%d %d" % (year, quarter),
            salesforce_id("003", number) if random_() < 0.9 else None,
            None, None, random_() < 0.1, random_() < 0.05,
            salesforce_id("008", number) if amount is not None else None,
            salesforce_id("008", 2 * number) if closed else None,
            "%08x-%04x-4%03x-a%03x-%012x" % (
                int(random_() * 2**32), int(random_() * 2**16),
                int(random_() * 4096), int(random_() * 4096),
                int(random_() * 2**48)) if random_() < 0.7 else None,
            pick(TEAMS), products.at(random_()),
        )


class Person(NamedTuple):
    """Somebody who does not exist, as text already escaped."""

    given: str
    surname: str
    email: str
    phone: str


def person(make: Maker) -> Person:
    given, surname = str(make.pick(GIVEN_NAMES)), str(make.pick(SURNAMES))
    plain = "".join(c for c in unicodedata.normalize("NFD", f"{given}.{surname}")
                    if c.isascii() and (c.isalnum() or c == ".")).lower()
    return Person(make.text(given), make.text(surname),
                  f"{plain}{int(make.random() * 1000)}@example.org",
                  "(613) 555-%04d" % int(make.random() * 10000))


def contact_rows(options: Options, accounts: int) -> Iterator[Row]:
    """Contact records without end, of accounts 1..accounts."""
    make = Maker(options, "contact")
    random_, pick = make.random, make.pick
    number = 0
    while True:
        number += 1
        who = person(make)
        created = int(random_() * SPAN_DAYS)
        created_text = make.timestamp(created)
        born = "%d-%02d-%02d" % (1950 + int(random_() * 50), 1 + int(random_() * 12),
                                 1 + int(random_() * 28))
        yield (
            salesforce_id("003", number), random_() < 0.01, None,
            salesforce_id("001", 1 + int(random_() * accounts)),
            who.surname, who.given, pick(("Ms.", "Mr.", "M.", "Mme", None)),
            f"{who.given} {who.surname}", *make.address(),
            who.phone if random_() < 0.8 else None,
            who.phone if random_() < 0.4 else None,
            salesforce_id("003", 1 + int(random_() * number)) if random_() < 0.3 else None,
            who.email, make.text(str(pick(TITLES))), pick(SECTORS), pick(LEAD_SOURCES),
            born if random_() < 0.2 else None, make.description(0.7, 4), pick(make.owners),
            created_text, pick(make.owners), created_text, pick(make.owners),
            created_text, random_() < 0.1, random_() < 0.05,
            "%08x-0000-4000-a000-%012x" % (number, int(random_() * 2**48)),
        )


def lead_rows(options: Options) -> Iterator[Row]:
    """Lead records without end."""
    make = Maker(options, "lead")
    random_, pick = make.random, make.pick
    number = 0
    while True:
        number += 1
        who = person(make)
        created_text = make.timestamp(int(random_() * SPAN_DAYS))
        yield (
            salesforce_id("00Q", number), random_() < 0.01, who.surname, who.given,
            None, f"{who.given} {who.surname}", make.text(str(pick(TITLES))),
            make.text(make.org_name()[0]), *make.address(), who.phone, who.email,
            make.description(0.5, 4), pick(LEAD_SOURCES),
            pick(("Open", "Working", "Closed")), pick(INDUSTRIES), pick(make.owners),
            random_() < 0.3, created_text, pick(make.owners), created_text,
            pick(make.owners), created_text,
        )


def alias(email: str) -> str:
    """A user's alias: initial and surname without accents, as the address has them."""
    given, surname = email.split("@")[0].split(".", 1)
    return (given[:1] + surname)[:8]


def user_rows(options: Options) -> Iterator[Row]:
    """User records without end."""
    make = Maker(options, "user")
    random_, pick = make.random, make.pick
    number = 0
    while True:
        number += 1
        who = person(make)
        created_text = make.timestamp(int(random_() * SPAN_DAYS))
        yield (
            make.owners[number - 1] if number <= len(make.owners)
            else salesforce_id("005", 100000 + number),
            who.email, who.surname, who.given, f"{who.given} {who.surname}",
            "Digital Service", pick(SECTORS), pick(TEAMS), make.text(str(pick(TITLES))),
            who.email, alias(who.email), random_() < 0.9, "America/Toronto",
            pick(("en_CA", "fr_CA")), "%08d" % int(random_() * 10**8),
            created_text, created_text, pick(make.owners), created_text,
            pick(make.owners), created_text,
        )


def case_rows(options: Options, accounts: int) -> Iterator[Row]:
    """Case records without end, of accounts 1..accounts."""
    make = Maker(options, "case")
    random_, pick = make.random, make.pick
    number = 0
    while True:
        number += 1
        who = person(make)
        created_text = make.timestamp(int(random_() * SPAN_DAYS))
        closed = random_() < 0.6
        yield (
            salesforce_id("500", number), random_() < 0.01, "%08d" % number,
            salesforce_id("003", number), salesforce_id("001", 1 + int(random_() * accounts)),
            f"{who.given} {who.surname}", who.email, who.phone,
            pick(("Question", "Problem", None)), "Closed" if closed else "New",
            None, pick(("Email", "Web", "Phone")), make.description(0.1, 1),
            pick(("Low", "Medium", "High")), make.description(0.1, 8), closed,
            created_text if closed else None, pick(make.owners), created_text,
            pick(make.owners), created_text, pick(make.owners), created_text,
        )


def with_canaries(rows: Iterator[Row], name: str, fields: Sequence[str],
                  canaries: List[str], wanted: int) -> Iterator[Row]:
    """The same rows, with a string of its own in personal columns of the first.

    Adds what it planted to canaries, until that holds wanted strings.
    """
    places = [fields.index(column) for column in PERSONAL[name]]
    for number, row in enumerate(rows):
        values = list(row)
        for place in places:
            if len(canaries) < wanted:
                # digits of one width: none is the beginning of another
                canary = "canary-%s-%s-%05d" % (name, fields[place], number)
                if fields[place] in ("Email", "Username", "SuppliedEmail"):
                    canary += "@example.org"
                values[place] = canary
                canaries.append(canary)
        yield tuple(values)


def with_email_last(rows: Iterator[Row], count: int) -> Iterator[Row]:
    """The first count rows, with an e-mail address in the last column of the last."""
    for number, row in enumerate(rows, 1):
        yield (*row[:-1], "GC Notify jane.doe@example.org") if number == count else row


# --------------------------------------------------------------------------
# Files
# --------------------------------------------------------------------------


class Size(NamedTuple):
    """How much to write: up to a number of bytes, or a number of rows."""

    amount: int
    in_rows: bool


def parse_size(text: str) -> Size:
    """``500k``, ``100M``, ``1G`` (powers of 1000), ``10Mi``, ``2200r`` (rows)."""
    units = {"k": 10**3, "m": 10**6, "g": 10**9,
             "ki": 2**10, "mi": 2**20, "gi": 2**30}
    lower = text.lower()
    try:
        if lower.endswith("r"):
            size = Size(int(lower[:-1]), True)
        else:
            digits = lower.rstrip("kmgi")
            size = Size(int(float(digits) * units.get(lower[len(digits):], 1)
                            if lower != digits else int(digits)), False)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not a size: {text!r}") from None
    if size.amount < 0:
        raise argparse.ArgumentTypeError("a size cannot be negative")
    return size


def write_csv(path: str, fields: Sequence[str], rows: Iterator[Row],
              size: Size) -> Tuple[int, int]:
    """Write a header and rows until the size is reached: (rows, bytes)."""
    batch = 2000
    count = 0
    written = 0
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)        # what csv.DictWriter uses underneath
    temporary = path + ".part"
    with open(temporary, "wb") as out:
        writer.writerow(fields)
        while True:
            if size.in_rows:
                todo = min(batch, size.amount - count)
            else:
                # Aim at the size from the mean row so far, in smaller steps
                # near the end, so as to end within a few rows of it.
                left = size.amount - written - len(buffer.getvalue())
                mean = max(written / count, 1.0) if count else 1200.0
                todo = min(batch, int(left / mean))
            if todo > 0:
                writer.writerows(islice(rows, todo))
                count += todo
            data = buffer.getvalue().encode("utf-8")
            out.write(data)
            written += len(data)
            buffer.seek(0)
            buffer.truncate()
            if todo <= 0:
                break
    os.replace(temporary, path)
    return count, written


class Object(NamedTuple):
    """An object that can be generated."""

    name: str
    fields: Tuple[str, ...]
    rows: Callable[[Options, int], Iterator[Row]]    # options, number of accounts
    default: str             # size, "" for none


OBJECTS = (
    Object("Account", ACCOUNT_FIELDS, lambda o, n: account_rows(o), "1M"),
    Object("Opportunity", OPPORTUNITY_FIELDS, opportunity_rows, "10M"),
    Object("Contact", CONTACT_FIELDS, contact_rows, ""),
    Object("Lead", LEAD_FIELDS, lambda o, n: lead_rows(o), ""),
    Object("User", USER_FIELDS, lambda o, n: user_rows(o), ""),
    Object("Case", CASE_FIELDS, case_rows, ""),
)


def arguments_of(arguments: Optional[Sequence[str]]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Generate Salesforce CSV exports.",
        epilog="SIZE: 500k, 100M, 1G (powers of 1000), 10Mi, or a number of rows: 2200r.")
    parser.add_argument("directory", help="where to write (made if missing)")
    for item in OBJECTS:
        parser.add_argument("--" + item.name.lower(), type=parse_size, metavar="SIZE",
                            default=parse_size(item.default) if item.default else None,
                            help=f"size of {item.name}.csv (default {item.default or 'none'})")
    parser.add_argument("--seed", type=int, default=1, help="default 1")
    parser.add_argument("--ids", choices=("random", "sequential"), default="random",
                        help="how Ids look; all have right check characters")
    parser.add_argument("--address-style", choices=("ordereddict", "dict"),
                        default="ordereddict",
                        help="how addresses print: OrderedDict({...}), as simple_salesforce "
                             "under Python 3.12 or later gives, or {...}")
    parser.add_argument("--raw-newlines", action="store_true",
                        help="do not escape text: embedded line ends and raw UTF-8")
    parser.add_argument("--edge-cases", type=float, default=0.0, metavar="SHARE",
                        help="share of rows with an odd but right Name or CreatedDate (default 0)")
    parser.add_argument("--bad-values", type=float, default=0.0, metavar="SHARE",
                        help="share of rows with a wrong Name or CreatedDate (default 0)")
    parser.add_argument("--null-account", type=float, default=0.02, metavar="SHARE",
                        help="share of opportunities without AccountId (default 0.02)")
    parser.add_argument("--orphans", type=float, default=0.01, metavar="SHARE",
                        help="share of opportunities with an unknown AccountId (default 0.01)")
    parser.add_argument("--plant-email", action="store_true",
                        help="an e-mail address in the last column of the last opportunity "
                             "(needs --opportunity in rows)")
    parser.add_argument("--canaries", metavar="FILE",
                        help="plant strings in personal columns and list them in FILE")
    parser.add_argument("--canary-count", type=int, default=200, metavar="N",
                        help="how many (default 200)")
    return parser.parse_args(arguments)


def planted(item: Object, rows: Iterator[Row], args: argparse.Namespace, size: Size,
            canaries: List[str], left: int) -> Iterator[Row]:
    """The rows with what the options want planted in them."""
    if args.canaries:
        share = args.canary_count if left == 0 else len(canaries) + max(
            1, (args.canary_count - len(canaries)) // (left + 1))
        rows = with_canaries(rows, item.name, item.fields, canaries, share)
    if args.plant_email and item.name == "Opportunity":
        if not size.in_rows:
            raise SystemExit("--plant-email needs the size of --opportunity in rows")
        rows = with_email_last(rows, size.amount)
    return rows


def main(arguments: Optional[Sequence[str]] = None) -> int:
    global sequential_ids
    args = arguments_of(arguments)
    options = Options(args.seed, args.address_style, args.raw_newlines, args.edge_cases,
                      args.bad_values, args.null_account, args.orphans)
    sequential_ids = args.ids == "sequential"
    os.makedirs(args.directory, exist_ok=True)
    wanted = [item for item in OBJECTS if getattr(args, item.name.lower()) is not None]
    canaries: List[str] = []
    accounts = 1
    for number, item in enumerate(wanted):
        size = getattr(args, item.name.lower())
        start = time.monotonic()
        rows = planted(item, item.rows(options, accounts), args, size, canaries,
                       len(wanted) - number - 1)
        count, written = write_csv(os.path.join(args.directory, item.name + ".csv"),
                                   item.fields, rows, size)
        print(f"{item.name}.csv: {count} rows, {written} bytes, "
              f"{time.monotonic() - start:.1f} s", file=sys.stderr)
        if item.name == "Account":
            accounts = max(count, 1)
    if args.canaries:
        with open(args.canaries, "w", encoding="utf-8") as file:
            file.write("".join(c + "\n" for c in canaries))
    return 0


if __name__ == "__main__":
    sys.exit(main())
