"""Names for the seeds: people, teams, applications, flows and labels."""

FIRST_NAMES = (
    "Amara", "Björn", "Carla", "Dmitri", "Elena", "Farid", "Grace", "Hiro",
    "Imogen", "Jamal", "Katya", "Liam", "Mei", "Nadia", "Oscar", "Priya",
    "Quentin", "Rosa", "Samir", "Tove", "Uma", "Viktor", "Wanjiru", "Xavier",
    "Yasmin", "Zoltan", "Aoife", "Bram", "Chiara", "Dilan", "Eero", "Fatima",
)  # fmt: skip
LAST_NAMES = (
    "Okafor", "Lindqvist", "Moreno", "Volkov", "Petrou", "Haddad", "Whitfield", "Tanaka",
    "Prescott", "Bryant", "Ivanova", "Doyle", "Chen", "Rahman", "Nilsson", "Nair",
    "Lefèvre", "Delgado", "Aziz", "Halvorsen", "Krishnan", "Horváth", "Kamau", "Dubois",
    "El Amrani", "Szabó", "Byrne", "de Vries", "Ricci", "Yıldız", "Virtanen", "Siddiqui",
)  # fmt: skip
JOB_TITLES = (
    "Support Agent", "Team Lead", "Account Manager", "Dispatcher", "Receptionist",
    "Engineer on Duty", "Billing Specialist", "Field Coordinator",
)  # fmt: skip
TEAMS = (
    "Customer Service", "Night Desk", "Sales West", "Sales East", "Billing", "Dispatch",
    "Field Service", "Front Desk", "Returns", "Clinic Line", "Roadside Help", "Enterprise Care",
    "Claims", "Bookings",
)  # fmt: skip
APPLICATIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Support IVR", ("voice", "messages")),
    ("After Hours Router", ("voice",)),
    ("Delivery Alerts", ("messages",)),
    ("Appointment Reminders", ("messages", "voice")),
    ("Payment Line", ("voice",)),
    ("Two-Step Sign-in", ("verify", "messages")),
    ("Survey Caller", ("voice",)),
    ("Warehouse Hotline", ("voice", "rtc")),
    ("Recruiting Desk", ("voice", "messages")),
    ("Incident Bridge", ("voice",)),
    ("Desk Phones", ("vbc", "voice")),
    ("Number Masking", ("voice", "messages")),
)
FLOWS = (
    "After hours", "Main menu", "Sales queue", "Support queue", "Holiday message",
    "Branch finder", "Voicemail to e-mail", "Overflow", "Emergency line",
)  # fmt: skip
PROPERTIES: tuple[tuple[str, str, str], ...] = (
    ("Southern Retail", "southern-retail.example", "Australia/Sydney"),
    ("Tasman Services", "tasman-services.example", "Pacific/Auckland"),
)
LABEL_PLACES = (
    "Sydney", "Melbourne", "Brisbane", "Perth", "Adelaide", "Hobart", "Darwin", "Geelong",
    "Newcastle", "Cairns", "Canberra", "Wollongong",
)  # fmt: skip
LABEL_PURPOSES = (
    "sales", "service", "front desk", "parts counter", "bookings", "billboard", "newsletter",
    "radio spot", "warranty", "trade enquiries",
)  # fmt: skip
ATTRIBUTION_SOURCES = ("web", "print", "radio", "outdoor", "partner")
ATTRIBUTION_MEDIUMS = ("cpc", "organic", "flyer", "billboard", "referral")
ATTRIBUTION_CAMPAIGNS = ("autumn-2025", "winter-2026", "brand", "reopening", "trade-days")
ATTRIBUTION_CONTENTS = ("header", "footer", "variant-a", "variant-b")
