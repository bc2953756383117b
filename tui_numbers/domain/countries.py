"""Read countries: ISO 3166-1 alpha-2 codes, English names, common names and calling codes."""

import functools

COUNTRY_NAMES: dict[str, str] = {
    "AC": "Ascension Island",
    "AD": "Andorra",
    "AE": "United Arab Emirates",
    "AF": "Afghanistan",
    "AG": "Antigua & Barbuda",
    "AI": "Anguilla",
    "AL": "Albania",
    "AM": "Armenia",
    "AO": "Angola",
    "AR": "Argentina",
    "AS": "American Samoa",
    "AT": "Austria",
    "AU": "Australia",
    "AW": "Aruba",
    "AX": "Åland Islands",
    "AZ": "Azerbaijan",
    "BA": "Bosnia & Herzegovina",
    "BB": "Barbados",
    "BD": "Bangladesh",
    "BE": "Belgium",
    "BF": "Burkina Faso",
    "BG": "Bulgaria",
    "BH": "Bahrain",
    "BI": "Burundi",
    "BJ": "Benin",
    "BL": "St. Barthélemy",
    "BM": "Bermuda",
    "BN": "Brunei",
    "BO": "Bolivia",
    "BQ": "Caribbean Netherlands",
    "BR": "Brazil",
    "BS": "Bahamas",
    "BT": "Bhutan",
    "BW": "Botswana",
    "BY": "Belarus",
    "BZ": "Belize",
    "CA": "Canada",
    "CC": "Cocos (Keeling) Islands",
    "CD": "Congo - Kinshasa",
    "CF": "Central African Republic",
    "CG": "Congo - Brazzaville",
    "CH": "Switzerland",
    "CI": "Côte d’Ivoire",
    "CK": "Cook Islands",
    "CL": "Chile",
    "CM": "Cameroon",
    "CN": "China",
    "CO": "Colombia",
    "CR": "Costa Rica",
    "CU": "Cuba",
    "CV": "Cape Verde",
    "CW": "Curaçao",
    "CX": "Christmas Island",
    "CY": "Cyprus",
    "CZ": "Czechia",
    "DE": "Germany",
    "DJ": "Djibouti",
    "DK": "Denmark",
    "DM": "Dominica",
    "DO": "Dominican Republic",
    "DZ": "Algeria",
    "EC": "Ecuador",
    "EE": "Estonia",
    "EG": "Egypt",
    "EH": "Western Sahara",
    "ER": "Eritrea",
    "ES": "Spain",
    "ET": "Ethiopia",
    "FI": "Finland",
    "FJ": "Fiji",
    "FK": "Falkland Islands",
    "FM": "Micronesia",
    "FO": "Faroe Islands",
    "FR": "France",
    "GA": "Gabon",
    "GB": "United Kingdom",
    "GD": "Grenada",
    "GE": "Georgia",
    "GF": "French Guiana",
    "GG": "Guernsey",
    "GH": "Ghana",
    "GI": "Gibraltar",
    "GL": "Greenland",
    "GM": "Gambia",
    "GN": "Guinea",
    "GP": "Guadeloupe",
    "GQ": "Equatorial Guinea",
    "GR": "Greece",
    "GT": "Guatemala",
    "GU": "Guam",
    "GW": "Guinea-Bissau",
    "GY": "Guyana",
    "HK": "Hong Kong",
    "HN": "Honduras",
    "HR": "Croatia",
    "HT": "Haiti",
    "HU": "Hungary",
    "ID": "Indonesia",
    "IE": "Ireland",
    "IL": "Israel",
    "IM": "Isle of Man",
    "IN": "India",
    "IO": "British Indian Ocean Territory",
    "IQ": "Iraq",
    "IR": "Iran",
    "IS": "Iceland",
    "IT": "Italy",
    "JE": "Jersey",
    "JM": "Jamaica",
    "JO": "Jordan",
    "JP": "Japan",
    "KE": "Kenya",
    "KG": "Kyrgyzstan",
    "KH": "Cambodia",
    "KI": "Kiribati",
    "KM": "Comoros",
    "KN": "St. Kitts & Nevis",
    "KP": "North Korea",
    "KR": "South Korea",
    "KW": "Kuwait",
    "KY": "Cayman Islands",
    "KZ": "Kazakhstan",
    "LA": "Laos",
    "LB": "Lebanon",
    "LC": "St. Lucia",
    "LI": "Liechtenstein",
    "LK": "Sri Lanka",
    "LR": "Liberia",
    "LS": "Lesotho",
    "LT": "Lithuania",
    "LU": "Luxembourg",
    "LV": "Latvia",
    "LY": "Libya",
    "MA": "Morocco",
    "MC": "Monaco",
    "MD": "Moldova",
    "ME": "Montenegro",
    "MF": "St. Martin",
    "MG": "Madagascar",
    "MH": "Marshall Islands",
    "MK": "North Macedonia",
    "ML": "Mali",
    "MM": "Myanmar",
    "MN": "Mongolia",
    "MO": "Macao",
    "MP": "Northern Mariana Islands",
    "MQ": "Martinique",
    "MR": "Mauritania",
    "MS": "Montserrat",
    "MT": "Malta",
    "MU": "Mauritius",
    "MV": "Maldives",
    "MW": "Malawi",
    "MX": "Mexico",
    "MY": "Malaysia",
    "MZ": "Mozambique",
    "NA": "Namibia",
    "NC": "New Caledonia",
    "NE": "Niger",
    "NF": "Norfolk Island",
    "NG": "Nigeria",
    "NI": "Nicaragua",
    "NL": "Netherlands",
    "NO": "Norway",
    "NP": "Nepal",
    "NR": "Nauru",
    "NU": "Niue",
    "NZ": "New Zealand",
    "OM": "Oman",
    "PA": "Panama",
    "PE": "Peru",
    "PF": "French Polynesia",
    "PG": "Papua New Guinea",
    "PH": "Philippines",
    "PK": "Pakistan",
    "PL": "Poland",
    "PM": "St. Pierre & Miquelon",
    "PR": "Puerto Rico",
    "PS": "Palestine",
    "PT": "Portugal",
    "PW": "Palau",
    "PY": "Paraguay",
    "QA": "Qatar",
    "RE": "Réunion",
    "RO": "Romania",
    "RS": "Serbia",
    "RU": "Russia",
    "RW": "Rwanda",
    "SA": "Saudi Arabia",
    "SB": "Solomon Islands",
    "SC": "Seychelles",
    "SD": "Sudan",
    "SE": "Sweden",
    "SG": "Singapore",
    "SH": "St. Helena",
    "SI": "Slovenia",
    "SJ": "Svalbard & Jan Mayen",
    "SK": "Slovakia",
    "SL": "Sierra Leone",
    "SM": "San Marino",
    "SN": "Senegal",
    "SO": "Somalia",
    "SR": "Suriname",
    "SS": "South Sudan",
    "ST": "São Tomé & Príncipe",
    "SV": "El Salvador",
    "SX": "Sint Maarten",
    "SY": "Syria",
    "SZ": "Eswatini",
    "TA": "Tristan da Cunha",
    "TC": "Turks & Caicos Islands",
    "TD": "Chad",
    "TG": "Togo",
    "TH": "Thailand",
    "TJ": "Tajikistan",
    "TK": "Tokelau",
    "TL": "Timor-Leste",
    "TM": "Turkmenistan",
    "TN": "Tunisia",
    "TO": "Tonga",
    "TR": "Türkiye",
    "TT": "Trinidad & Tobago",
    "TV": "Tuvalu",
    "TW": "Taiwan",
    "TZ": "Tanzania",
    "UA": "Ukraine",
    "UG": "Uganda",
    "US": "United States",
    "UY": "Uruguay",
    "UZ": "Uzbekistan",
    "VA": "Vatican City",
    "VC": "St. Vincent & Grenadines",
    "VE": "Venezuela",
    "VG": "British Virgin Islands",
    "VI": "U.S. Virgin Islands",
    "VN": "Vietnam",
    "VU": "Vanuatu",
    "WF": "Wallis & Futuna",
    "WS": "Samoa",
    "XK": "Kosovo",
    "YE": "Yemen",
    "YT": "Mayotte",
    "ZA": "South Africa",
    "ZM": "Zambia",
    "ZW": "Zimbabwe",
}


def country_name(code: str | None) -> str | None:
    """Return a country's English name; the code itself where it has none, None for None."""
    return None if code is None else COUNTRY_NAMES.get(code, code)


COMMON_NAMES: dict[str, str] = {
    "america": "US",
    "brasil": "BR",
    "britain": "GB",
    "burma": "MM",
    "czech republic": "CZ",
    "deutschland": "DE",
    "eire": "IE",
    "en": "GB",
    "england": "GB",
    "espana": "ES",
    "great britain": "GB",
    "holland": "NL",
    "ivory coast": "CI",
    "korea": "KR",
    "macau": "MO",
    "northern ireland": "GB",
    "oesterreich": "AT",
    "schweiz": "CH",
    "scotland": "GB",
    "suisse": "CH",
    "swaziland": "SZ",
    "turkey": "TR",
    "uae": "AE",
    "uk": "GB",
    "usa": "US",
    "wales": "GB",
}
"""What people also call countries, in lower case, by code."""

_TRULY_SHARED = frozenset({1, 7})
"""Calling codes that mean several large countries alike, so that none of them is taken for it."""

_MOST_OFFERED = 4


class UnknownCountry(ValueError):
    """A text means no country, or several; the text of the error says which are near."""


def read_country(text: str) -> str:
    """Return the one country (ISO 3166-1 alpha-2) that a text means, by code, name or number.

    Calling codes are read with ``+``, ``00`` or neither, and mean the country that most numbers
    under them belong to, but for those that several large countries share.

    Raises:
        UnknownCountry: It means none, or several.
    """
    wanted = _plain(text)
    if wanted.upper() in COUNTRY_NAMES:
        return wanted.upper()
    if wanted in COMMON_NAMES:
        return COMMON_NAMES[wanted]
    named = [code for code, name in COUNTRY_NAMES.items() if _plain(name) == wanted]
    if named:
        return named[0]
    sharing = _by_calling_code(wanted)
    if sharing and int(_calling_digits(wanted)) not in _TRULY_SHARED:
        return sharing[0]
    if sharing:
        first = ", ".join(f"{code} ({COUNTRY_NAMES[code]})" for code in sharing[:_MOST_OFFERED])
        more = f" and {len(sharing) - _MOST_OFFERED} more" if sharing[_MOST_OFFERED:] else ""
        raise UnknownCountry(f"{text.strip()!r} is the calling code of {first}{more}: name one")
    raise UnknownCountry(f"no country {text.strip()!r}; {_nearest(wanted)}")


def _nearest(wanted: str) -> str:
    """Suggest the country whose name, common name or code is nearest to a text."""
    import difflib

    known = {_plain(name): code for code, name in COUNTRY_NAMES.items()} | COMMON_NAMES
    close = difflib.get_close_matches(wanted, known, n=1, cutoff=0.7)
    if not close:
        found = find_countries(wanted)[:1] if len(wanted) > 2 else []
        close = [_plain(COUNTRY_NAMES[code]) for code in found]
    if not close:
        return "write its name, its two letters (ISO 3166-1) or its calling code: GB, +44"
    code = known[close[0]]
    return f"did you mean {code!r} ({COUNTRY_NAMES[code]})?"


def _plain(text: str) -> str:
    """Return what countries are compared by: without case, accents and punctuation."""
    import unicodedata

    parted = unicodedata.normalize("NFKD", text.strip().casefold())
    spoken = parted.replace("&", "and").replace("-", " ").removeprefix("the ")
    kept = "".join(one for one in spoken if one.isalnum() or one in " +")
    return " ".join(kept.split())


def _by_calling_code(text: str) -> tuple[str, ...]:
    """Return the countries under a calling code, the one with most numbers first."""
    digits = _calling_digits(text)
    if not digits.isdecimal() or len(digits) > 3 or digits.startswith("0"):
        return ()
    import phonenumbers

    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(digits), ())
    known = [region for region in regions if region in COUNTRY_NAMES]
    # The library lists the others by alphabet, and most who type 1 mean one of these two.
    return tuple(sorted(known, key=lambda region: region != "CA" if region != "US" else -1))


def _calling_digits(text: str) -> str:
    """Return the digits of a calling code, written as ``44``, ``+44`` or ``0044``."""
    return text[1:] if text.startswith("+") else text.removeprefix("00")


@functools.cache
def calling_code(country: str) -> int:
    """Return the calling code of a country, 0 where it has none."""
    import phonenumbers

    return int(phonenumbers.country_code_for_region(country))


@functools.cache
def trunk_prefix(country: str) -> str:
    """Return what is dialled before a number within a country, such as ``0``; or nothing."""
    import phonenumbers

    metadata = phonenumbers.PhoneMetadata.metadata_for_region(country, None)
    return (metadata.national_prefix or "") if metadata is not None else ""


def find_countries(text: str) -> list[str]:
    """Return the codes that ``text`` may mean, best first: as a code, a calling code or a name.

    Words of a name count too, so that ``king`` finds the United Kingdom.
    """
    wanted = _plain(text)
    sharing = _by_calling_code(wanted)
    common = {code for name, code in COMMON_NAMES.items() if wanted and name.startswith(wanted)}
    ranked: list[tuple[int, str, str]] = []
    for code, name in COUNTRY_NAMES.items():
        plain = _plain(name)
        if code.casefold() == wanted or COMMON_NAMES.get(wanted) == code:
            rank = 0
        elif code in sharing:
            rank = 1 + sharing.index(code)
        elif plain.startswith(wanted):
            rank = 100
        elif any(word.startswith(wanted) for word in plain.split()) or code in common:
            rank = 101
        elif wanted in plain:
            rank = 102
        else:
            continue
        ranked.append((rank, name, code))
    return [code for _, _, code in sorted(ranked)]
