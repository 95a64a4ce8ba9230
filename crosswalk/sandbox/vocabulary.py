"""The words of the sandbox: names, streets and trades of eight countries.

Every word can be written in latin-1, so that the PDF base fonts can print it. Nothing here is random.
"""

import importlib
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class City:
    """A city with the beginnings that its postcodes and landlines have. `area` holds no trunk prefix."""

    name: str
    postcode: str
    area: str
    region: str = ""


@dataclass(frozen=True, slots=True)
class Country:
    """What a country gives to the names and addresses of its companies; `postcode` is a pattern, # a digit and @ a letter."""

    code: str
    name: str
    locale: str
    weight: int
    tld: str
    currency: str
    language: str
    dial: str
    trunk: str
    landline: str
    mobile: tuple[str, ...]
    legal_forms: tuple[str, ...]
    trades: tuple[str, ...]
    streets: tuple[str, ...]
    cities: tuple[City, ...]
    branch: str
    number_first: bool = False


# Tables: a row a line, as they are read.
# fmt: off
GERMANY = Country(
    "DE", "Germany", "de_DE", 34, "de", "EUR", "de", "49", "0", "######", ("151########", "160#######", "171#######"),
    ("GmbH", "GmbH", "GmbH", "GmbH & Co. KG", "AG", "KG"),
    ("Maschinenbau", "Messtechnik", "Apparatebau", "Wassertechnik", "Anlagenbau", "Pumpen", "Armaturen", "Kunststofftechnik",
     "Lebensmittel", "Brauerei", "Papierfabrik", "Umwelttechnik", "Chemie", "Automation", "Energietechnik", "Galvanotechnik"),
    ("Hafenstraße", "Industriestraße", "Lindenweg", "Am Kanal", "Bahnhofstraße", "Gewerbepark", "Schillerstraße", "Mühlenweg",
     "Werkstraße", "Zum Alten Speicher", "Robert-Bosch-Straße", "Dieselstraße"),
    (City("Hamburg", "20###", "40"), City("Berlin", "10###", "30"), City("München", "80###", "89", "Bayern"),
     City("Köln", "50###", "221"), City("Stuttgart", "70###", "711"), City("Leipzig", "04###", "341", "Sachsen"),
     City("Nürnberg", "90###", "911", "Bayern"), City("Bremen", "28###", "421"), City("Kassel", "34###", "561", "Hessen")),
    "Niederlassung",
)
AUSTRIA = Country(
    "AT", "Austria", "de_AT", 8, "at", "EUR", "de", "43", "0", "######", ("664#######", "676#######"),
    ("GmbH", "GmbH", "Ges.m.b.H.", "AG", "KG"),
    ("Metalltechnik", "Wasserkraft", "Holzwerke", "Getränke", "Anlagentechnik", "Messgeräte", "Stahlbau", "Molkerei"),
    ("Donaustraße", "Landstraße", "Wiener Straße", "Industriezeile", "Kirchengasse", "Feldgasse"),
    (City("Wien", "1##0", "1"), City("Graz", "80##", "316", "Steiermark"), City("Linz", "40##", "732", "Oberösterreich"),
     City("Salzburg", "50##", "662", "Salzburg")),
    "Niederlassung",
)
FRANCE = Country(
    "FR", "France", "fr_FR", 12, "fr", "EUR", "fr", "33", "0", "########", ("61#######", "62#######"),
    ("SAS", "SARL", "SA", "SAS"),
    ("Instrumentation", "Mécanique", "Hydraulique", "Chimie", "Emballages", "Traitement des Eaux", "Fonderie", "Laiterie"),
    ("rue de la Gare", "avenue Jean Jaurès", "rue des Ateliers", "boulevard Victor Hugo", "chemin du Moulin", "rue Pasteur"),
    (City("Lyon", "6900#", "4"), City("Paris", "750##", "1"), City("Lille", "590##", "3"), City("Toulouse", "310##", "5")),
    "Agence", True,
)
BRITAIN = Country(
    "GB", "United Kingdom", "en_GB", 14, "co.uk", "GBP", "en", "44", "0", "######", ("741#######", "745#######"),
    ("Ltd", "Limited", "Ltd", "PLC"),
    ("Engineering", "Instruments", "Valves", "Water Services", "Foods", "Packaging", "Breweries", "Process Systems", "Controls"),
    ("High Street", "Station Road", "Mill Lane", "Victoria Road", "Canal Street", "Foundry Lane", "Park Road"),
    (City("London", "EC# #@@", "2079"), City("Birmingham", "B# #@@", "1213"), City("Manchester", "M# #@@", "1612"),
     City("Leeds", "LS# #@@", "1132"), City("Sheffield", "S# #@@", "1142")),
    "Branch", True,
)
NETHERLANDS = Country(
    "NL", "Netherlands", "nl_NL", 10, "nl", "EUR", "nl", "31", "0", "#######", ("61#######", "62#######"),
    ("B.V.", "B.V.", "N.V."),
    ("Techniek", "Waterbeheer", "Machinefabriek", "Zuivel", "Procestechniek", "Meetsystemen", "Kunststoffen"),
    ("Havenweg", "Stationsplein", "Industrieweg", "Molenstraat", "Kerkstraat", "Dorpsstraat"),
    (City("Rotterdam", "30## @@", "10"), City("Amsterdam", "10## @@", "20"), City("Utrecht", "35## @@", "30"),
     City("Eindhoven", "56## @@", "40")),
    "Vestiging",
)
SPAIN = Country(
    "ES", "Spain", "es_ES", 7, "es", "EUR", "es", "34", "", "#######", ("61#######", "65#######"),
    ("S.L.", "S.A.", "S.L."),
    ("Instrumentación", "Aguas", "Conservas", "Metalúrgica", "Envases", "Química", "Bodegas"),
    ("Calle Mayor", "Avenida de la Industria", "Calle del Río", "Polígono Sur", "Calle Real"),
    (City("Madrid", "280##", "91"), City("Barcelona", "080##", "93"), City("Valencia", "460##", "96"),
     City("Bilbao", "480##", "94")),
    "Delegación",
)
ITALY = Country(
    "IT", "Italy", "it_IT", 7, "it", "EUR", "it", "39", "", "#######", ("347#######", "335#######"),
    ("S.r.l.", "S.p.A.", "S.r.l."),
    ("Meccanica", "Strumenti", "Valvole", "Alimentari", "Imballaggi", "Impianti", "Chimica"),
    ("Via Roma", "Via Garibaldi", "Viale dell'Industria", "Via del Lavoro", "Via Manzoni"),
    (City("Milano", "201##", "02"), City("Torino", "101##", "011"), City("Bologna", "401##", "051"),
     City("Verona", "371##", "045")),
    "Filiale",
)
AMERICA = Country(
    "US", "United States", "en_US", 8, "com", "USD", "en", "1", "", "#######", ("3125######", "6177######"),
    ("Inc.", "LLC", "Corp."),
    ("Manufacturing", "Instruments", "Controls", "Foods", "Water Systems", "Packaging", "Labs"),
    ("Main Street", "Industrial Parkway", "Oak Avenue", "River Road", "Commerce Drive"),
    (City("Chicago", "606##", "312", "IL"), City("Boston", "021##", "617", "MA"), City("Houston", "770##", "713", "TX"),
     City("Denver", "802##", "303", "CO")),
    "Branch", True,
)

COUNTRIES = (GERMANY, AUSTRIA, FRANCE, BRITAIN, NETHERLANDS, SPAIN, ITALY, AMERICA)
BY_CODE = {country.code: country for country in COUNTRIES}

#: The first half of an invented name; the second half follows.
INVENTED_FIRST = ("Nor", "Vel", "Aqua", "Ther", "Lum", "Ferro", "Hydra", "Sol", "Tec", "Opti", "Alp", "Rhe", "Mer", "Cor", "Dyn", "Pro")
INVENTED_SECOND = ("dal", "tis", "mex", "nova", "ron", "via", "tec", "lis", "matic", "gard", "vex", "sen", "pura", "cor")

#: What people call each other, by the given name on paper.
NICKNAMES = {
    "William": "Bill", "Robert": "Bob", "Richard": "Rick", "Michael": "Mike", "James": "Jim", "Elizabeth": "Liz", "Katherine": "Kate",
    "Catherine": "Cathy", "Margaret": "Peggy", "Thomas": "Tom", "Christopher": "Chris", "Jennifer": "Jenny", "Patricia": "Pat",
    "Daniel": "Dan", "Matthew": "Matt", "Andrew": "Andy", "Joseph": "Joe", "Anthony": "Tony", "Steven": "Steve", "Benjamin": "Ben",
    "Samuel": "Sam", "Edward": "Ted", "Kenneth": "Ken", "Susan": "Sue", "Rebecca": "Becky", "Deborah": "Debbie", "Victoria": "Vicky",
    "Alexander": "Alex", "Katharina": "Kathi", "Friedrich": "Fritz", "Johannes": "Hannes", "Maximilian": "Max",
    "Sebastian": "Basti", "Wolfgang": "Wolfi", "Elisabeth": "Lisa", "Christina": "Tina", "Heinrich": "Heinz",
    "Jan-Peter": "Jan", "Francisco": "Paco", "José": "Pepe", "Manuel": "Manolo", "Dolores": "Lola", "Guadalupe": "Lupe",
    "Giuseppe": "Beppe", "Francesco": "Checco", "Giovanni": "Gianni", "Frédéric": "Fred", "Nicolas": "Nico", "Véronique": "Véro",
    "Stéphanie": "Steph", "Hendrik": "Henk", "Jacobus": "Jaap", "Willem": "Wim", "Franziska": "Franzi", "Antonio": "Toni",
}

BUILDINGS = ("Building A", "Building B", "Building C", "Gate 2", "2nd floor", "c/o Logistics")

TITLES = (
    "Head of Purchasing", "Maintenance Manager", "Plant Manager", "Managing Director", "Procurement Specialist", "Quality Manager",
    "Process Engineer", "Accounts Payable", "Technical Buyer", "Laboratory Manager", "Operations Director", "Project Engineer",
)

#: Our own company, the tenant: who sells, and what. (article, description, list price)
TENANT = "Northwind Instruments"
TENANT_LEGAL_NAME = "Northwind Instruments GmbH"
TENANT_DOMAIN = "northwind-instruments.com"
TENANT_ADDRESS = "Elbchaussee 17, 22765 Hamburg"
PRODUCTS = (
    ("FM-200", "Flow meter FM-200", 1240.0), ("FM-450", "Ultrasonic flow meter FM-450", 3890.0),
    ("PT-10", "Pressure transmitter PT-10", 415.0),
    ("LV-3", "Level sensor LV-3", 690.0), ("PH-7", "pH analyser PH-7", 1875.0), ("TC-90", "Temperature controller TC-90", 560.0),
    ("CAL-1", "On-site calibration", 980.0), ("SVC-Y", "Annual service visit", 1450.0), ("KIT-5", "Seal kit KIT-5", 78.5),
    ("DL-12", "Data logger DL-12", 2210.0),
)


@cache
def people_names(locale: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(given names, family names) of a locale, from Faker's word lists, in a fixed order."""
    provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
    given = [*provider.first_names_male, *provider.first_names_female]
    return _plain(given), _plain(provider.last_names)


def _plain(words: object) -> tuple[str, ...]:
    kept = dict.fromkeys(str(word) for word in words if str(word).isprintable())  # type: ignore[attr-defined]
    return tuple(word for word in kept if len(word) > 2 and word.encode("latin-1", "ignore").decode("latin-1") == word)
