"""English nouns: one singular and one plural, from either.

Tables and a few rules instead of a library: inflection 0.5 makes "cach" of caches, "cooky" of cookies
and "len" of lens, and each would be a class, a table and a URL for good. Words are lower-case ASCII;
what is in no table follows the rules, so made-up words work as well.
"""

from __future__ import annotations

from scaffold.spec.text import word_set

UNCOUNTABLE = word_set(
    """
    advice aerobics aircraft analytics athletics baggage barracks biceps binoculars bison cash
    cattle chassis clothes clothing confetti corps crossroads cutlery data deer diabetes dns
    economics electronics elk equipment ethics evidence feedback firmware fish footwear furniture
    gallows genetics gold gps graffiti gymnastics hardware headquarters homework housework
    hovercraft http https information innings ios jeans jewellery jewelry knowledge linguistics
    livestock logistics luggage machinery mathematics means measles media metadata middleware
    money moose mumps multimedia music news offspring optics pajamas pants paraphernalia personnel
    physics pliers police politics progress pyjamas rabies research rice robotics rss salmon
    scenery scissors series sheep shrimp sms software spacecraft spaghetti species sportswear
    staff sunglasses swine tls traffic trivia trousers trout tweezers underwear watercraft weather
    wheat wildlife
    """
)


def _pairs(text: str) -> dict[str, str]:
    return dict(pair.split("/") for pair in text.split())


# Singular/plural. The regular ones are here because a rule below would take them for another kind.
IRREGULAR = _pairs(
    """
    addendum/addenda alga/algae alumna/alumnae alumnus/alumni appendix/appendices axis/axes
    bacterium/bacteria bookshelf/bookshelves cactus/cacti calf/calves codex/codices corpus/corpora
    criterion/criteria curriculum/curricula die/dice elf/elves erratum/errata fez/fezzes foot/feet
    fungus/fungi genus/genera goose/geese half/halves hoof/hooves housewife/housewives
    index/indices knife/knives larva/larvae leaf/leaves life/lives loaf/loaves louse/lice
    matrix/matrices memorandum/memoranda midwife/midwives mouse/mice nebula/nebulae nucleus/nuclei
    ox/oxen passerby/passersby phenomenon/phenomena quiz/quizzes radius/radii scarf/scarves
    self/selves sheaf/sheaves shelf/shelves stimulus/stimuli stratum/strata thief/thieves
    tooth/teeth topaz/topazes vertebra/vertebrae vertex/vertices vortex/vortices
    werewolf/werewolves whiz/whizzes wife/wives wolf/wolves

    biotech/biotechs edtech/edtechs epoch/epochs fintech/fintechs monarch/monarchs
    patriarch/patriarchs stomach/stomachs tech/techs
    caiman/caimans german/germans human/humans norman/normans ottoman/ottomans roman/romans
    shaman/shamans talisman/talismans
    abdomen/abdomens omen/omens ramen/ramens regimen/regimens specimen/specimens stamen/stamens
    """
)
# Understood, but another form is the one that is made.
_OTHER_PLURALS = _pairs(
    """
    antenna/antennae aquarium/aquaria bus/busses dwarf/dwarves focus/foci formula/formulae
    gas/gasses locus/loci octopus/octopi quiz/quizes schema/schemata stadium/stadia
    syllabus/syllabi symposium/symposia thesaurus/thesauri wharf/wharves
    """
)
# Made, but the plural is read as another word's.
_OTHER_SINGULARS = _pairs("axe/axes datum/data medium/media")
# The ends of compounds too: salesperson, grandchild, policewoman.
_SUFFIXES = (("person", "people"), ("child", "children"), ("man", "men"))

# Singulars that end in one s, beyond those in -us, -sis, -itis and -polis.
_SINGULAR_S = word_set(
    """
    alias as asbestos atlas aws bias biogas cannabis canvas chaos christmas cms cosmos css dais
    debris epidermis ethos gas ibis iris is kudos lens mantis mars marquis os pancreas
    pathos pelvis portcullis pos praxis pubis rhinoceros s saas tennis texas thermos trellis vps
    yes
    """
)
_PLURAL_US = (
    "bayous", "caribous", "cpus", "eaus", "ecus", "emus", "gnus", "gpus", "gurus", "haikus",
    "lieus", "menus", "npus", "skus", "tofus", "tpus", "tutus",
)  # fmt: skip
# Singulars in -ie, -oe, -che … whose plural only adds an s.
_ONLY_S = word_set(
    """
    auntie aussie beanie birdie bogie bookie boogie bowtie brie brownie budgie cabbie caddie
    calorie charcuterie collie commie cookie coolie cootie coterie cowrie cutie dearie doggie
    eyrie faerie foodie freebie genie girlie goalie groupie hankie hippie hoagie homie hoodie
    hottie indie junkie kiddie laddie lassie lie lingerie magpie meanie menagerie mountie movie
    necktie newbie nightie oldie patisserie pie pinkie pixie potpie prairie quickie reverie roadie
    rookie rotisserie selfie smoothie softie sortie sweetie talkie techie tie townie veggie walkie
    wedgie yuppie zombie
    aloe canoe doe floe foe hoe horseshoe mistletoe oboe roe shoe sloe snowshoe toe woe
    abuse ache apache apocalypse attache avalanche axe backache brioche cache cartouche cliche
    creche crevasse excuse finesse fuse gouache headache heartache impasse microfiche misuse
    mousse moustache muse mustache niche pastiche pickaxe posse psyche quiche recluse refuse
    reuse ruse stomachache toothache tranche use
    """
)
_OES = word_set(
    """
    antihero buffalo cargo domino echo embargo hero mango mosquito potato superhero tomato tornado
    torpedo veto volcano
    """
)
# Plurals of the Greek -sis: analyses, theses, diagnoses; but not bases, courses, responses.
_SES_OF_SIS = (
    "crises", "geneses", "gnoses", "llipses", "lyses", "morphoses", "mphases", "nemeses",
    "neuroses", "nopses", "oases", "psychoses", "theses",
)  # fmt: skip

_SINGULAR_OF = {many: one for table in (IRREGULAR, _OTHER_PLURALS) for one, many in table.items()}
_PLURAL_OF = IRREGULAR | _OTHER_SINGULARS


def singular_of(word: str) -> str:
    """The singular of a lower-case word that may be of either form."""
    previous = ""
    while word != previous:  # "peoples" → "people" → "person"
        previous, word = word, _one_step_back(word)
    return word


def plural_of(singular: str) -> str:
    """The plural of a lower-case singular."""
    if singular in UNCOUNTABLE:
        return singular
    if singular in _PLURAL_OF:
        return _PLURAL_OF[singular]
    for one, many in _SUFFIXES:
        if singular.endswith(one):
            return singular.removesuffix(one) + many
    if singular.endswith("sis"):
        return singular[:-2] + "es"
    if singular.endswith("y") and _consonant_before_y(singular):
        return singular[:-1] + "ies"
    hissing = singular.endswith(("s", "x", "z", "ch", "sh"))
    return singular + ("es" if hissing or singular in _OES else "s")


def _consonant_before_y(word: str) -> bool:
    return word.endswith("quy") or word[-2:-1] not in ("", *"aeiou")


def _one_step_back(word: str) -> str:
    if word in UNCOUNTABLE or word in _PLURAL_OF:
        return word
    if word in _SINGULAR_OF:
        return _SINGULAR_OF[word]
    for one, many in _SUFFIXES:
        if word.endswith(many):
            return word.removesuffix(many) + one
    if not word.endswith("s") or _is_singular_in_s(word):
        return word
    return _without_es(word) if word.endswith("es") else word[:-1]


def _is_singular_in_s(word: str) -> bool:
    if word in _SINGULAR_S or word.endswith(("ss", "sis", "itis", "polis")):
        return True
    return word.endswith("us") and not word.endswith(_PLURAL_US)


def _without_es(word: str) -> str:
    """The singular of a plural in -es: house-s, box-es, quer-ies, analys-es."""
    if word[:-1] in _ONLY_S:
        return word[:-1]
    if word.endswith("ies") and _consonant_before_y(word[:-3] + "y"):
        return word[:-3] + "y"
    if word.endswith(_SES_OF_SIS):
        return word[:-2] + "is"
    if word.endswith(("ches", "oes", "shes", "tzes", "xes", "zzes")):
        return word[:-2]
    if _is_singular_in_s(word[:-2]) and not word.endswith(("auses", "ouses")):
        return word[:-2]
    return word[:-1]
