"""Nouns: both forms from either, and forms that stay what they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffold.spec.nouns import IRREGULAR, UNCOUNTABLE, plural_of, singular_of

PAIRS = """
    abuse/abuses address/addresses agenda/agendas aircraft/aircraft album/albums alga/algae
    alias/aliases alibi/alibis alumnus/alumni analysis/analyses analytics/analytics
    antenna/antennas api/apis appendix/appendices archive/archives area/areas article/articles
    artist/artists atlas/atlases attendee/attendees avalanche/avalanches axis/axes
    bacterium/bacteria badge/badges base/bases batch/batches beach/beaches belief/beliefs
    bias/biases bikini/bikinis blouse/blouses bonsai/bonsais bonus/bonuses bookie/bookies
    booking/bookings boss/bosses bottle/bottles box/boxes branch/branches brownie/brownies
    brush/brushes building/buildings bureau/bureaus bus/buses business/businesses buzz/buzzes
    cache/caches cactus/cacti cafe/cafes calf/calves calorie/calories camera/cameras
    campus/campuses canoe/canoes canvas/canvases cargo/cargoes case/cases casino/casinos
    catalogue/catalogues category/categories cause/causes census/censuses change/changes
    chassis/chassis chief/chiefs child/children church/churches citizen/citizens city/cities
    class/classes clause/clauses cliff/cliffs clinic/clinics coach/coaches coffee/coffees
    comic/comics committee/committees company/companies complex/complexes cookie/cookies
    corpse/corpses corpus/corpora cost/costs country/countries course/courses cpu/cpus
    crisis/crises criterion/criteria currency/currencies curriculum/curricula curve/curves
    customer/customers cv/cvs database/databases date/dates day/days deer/deer delivery/deliveries
    device/devices diagnosis/diagnoses die/dice disease/diseases dish/dishes dns/dns dose/doses
    drive/drives dwarf/dwarfs echo/echoes eclipse/eclipses elf/elves ellipsis/ellipses
    emoji/emojis emphasis/emphases employee/employees entry/entries epoch/epochs
    equipment/equipment essay/essays event/events excuse/excuses exercise/exercises
    expense/expenses fabric/fabrics fax/faxes fee/fees feedback/feedback file/files fish/fish
    flight/flights focus/focuses foot/feet formula/formulas forum/forums franchise/franchises
    fungus/fungi furniture/furniture fuse/fuses game/games garden/gardens gas/gases genre/genres
    genus/genera german/germans ghost/ghosts glass/glasses glimpse/glimpses glove/gloves
    goose/geese graphic/graphics gui/guis guru/gurus guy/guys haiku/haikus half/halves
    headache/headaches headquarters/headquarters hero/heroes hive/hives hoodie/hoodies hoof/hooves
    horse/horses host/hosts hotel/hotels house/houses human/humans hypothesis/hypotheses id/ids
    idea/ideas image/images index/indices information/information inventory/inventories
    invoice/invoices iris/irises issue/issues item/items jeans/jeans judge/judges key/keys
    kimono/kimonos kitchen/kitchens kiwi/kiwis knife/knives kpi/kpis language/languages
    larva/larvae leaf/leaves league/leagues lease/leases lens/lenses licence/licences
    license/licenses lie/lies life/lives list/lists loaf/loaves logo/logos lunch/lunches
    lynx/lynxes man/men mantis/mantises match/matches matrix/matrices maze/mazes meeting/meetings
    memo/memos menu/menus message/messages metadata/metadata metric/metrics
    metropolis/metropolises mix/mixes module/modules monarch/monarchs money/money monkey/monkeys
    mosquito/mosquitoes mouse/mice mousse/mousses movie/movies muse/muses museum/museums
    music/music name/names news/news niche/niches nose/noses note/notes nucleus/nuclei
    nurse/nurses oasis/oases octopus/octopuses office/offices olive/olives omen/omens order/orders
    oven/ovens ox/oxen package/packages page/pages pancreas/pancreases parenthesis/parentheses
    party/parties pass/passes passerby/passersby patch/patches pause/pauses pc/pcs peach/peaches
    person/people persona/personas phase/phases phenomenon/phenomena photo/photos phrase/phrases
    piano/pianos pie/pies pizza/pizzas plateau/plateaus playlist/playlists policeman/policemen
    post/posts potato/potatoes prefix/prefixes price/prices prize/prizes process/processes
    product/products promise/promises proof/proofs purchase/purchases purpose/purposes
    purse/purses query/queries quest/quests queue/queues quiz/quizzes quota/quotas radio/radios
    radius/radii rate/rates recipe/recipes reflex/reflexes relapse/relapses release/releases
    reply/replies repo/repos reservation/reservations response/responses rice/rice role/roles
    roof/roofs rookie/rookies room/rooms rose/roses route/routes rule/rules safari/safaris
    safe/safes salesperson/salespeople sandwich/sandwiches saving/savings scarf/scarves
    schema/schemas scissors/scissors search/searches seat/seats selfie/selfies series/series
    service/services setting/settings shape/shapes sheep/sheep shelf/shelves shoe/shoes site/sites
    size/sizes sku/skus sleeve/sleeves sms/sms software/software soliloquy/soliloquies
    species/species specimen/specimens sphinx/sphinxes spouse/spouses stadium/stadiums staff/staff
    state/states statistic/statistics status/statuses stimulus/stimuli stomach/stomachs
    story/stories studio/studios suffix/suffixes survey/surveys syllabus/syllabuses
    synapse/synapses synopsis/synopses table/tables tax/taxes taxi/taxis tech/techs
    template/templates test/tests theme/themes thesis/theses thief/thieves ticket/tickets tie/ties
    time/times title/titles toe/toes token/tokens tomato/tomatoes tooth/teeth topic/topics
    tornado/tornadoes toy/toys track/tracks tree/trees trellis/trellises tsunami/tsunamis tv/tvs
    type/types url/urls use/uses user/users value/values valve/valves vehicle/vehicles
    venue/venues vertebra/vertebrae vertex/vertices veto/vetoes video/videos village/villages
    vip/vips virus/viruses volcano/volcanoes vote/votes waltz/waltzes warehouse/warehouses
    watch/watches wave/waves website/websites wife/wives wiki/wikis wish/wishes wolf/wolves
    woman/women yeti/yetis zombie/zombies zoo/zoos
"""
ENDS = (
    "s es ies ses sses zes zzes ches shes xes oes uses ises us is as os men man people person y "
    "uy quy ie o ss children child sis polis ves f fe"
)


@pytest.mark.parametrize("pair", PAIRS.split())
def test_both_forms_come_from_either(pair: str) -> None:
    one, many = pair.split("/")
    assert (singular_of(one), singular_of(many)) == (one, one)
    assert (plural_of(one), plural_of(singular_of(many))) == (many, many)


@pytest.mark.parametrize(
    ("singular", "plural", "read_as"),
    [("basis", "bases", "base"), ("axe", "axes", "axis"), ("datum", "data", "data")],
)
def test_a_plural_of_two_words_is_read_as_the_likelier(
    singular: str, plural: str, read_as: str
) -> None:
    assert (singular_of(singular), plural_of(singular)) == (singular, plural)
    assert singular_of(plural) == read_as
    assert plural_of(read_as) == plural


@pytest.mark.parametrize(
    ("other", "singular"),
    [
        ("peoples", "person"),
        ("persons", "person"),
        ("indexes", "index"),
        ("octopi", "octopus"),
        ("formulae", "formula"),
        ("mangos", "mango"),
        ("childrens", "child"),
        ("staffs", "staff"),
    ],
)
def test_other_plurals_are_understood(other: str, singular: str) -> None:
    assert singular_of(other) == singular


@pytest.mark.parametrize("word", ["data", "media", "metadata", "news", "series", "staff"])
def test_uncountable(word: str) -> None:
    assert (singular_of(word), plural_of(word)) == (word, word)


def test_the_tables_do_not_contradict_each_other() -> None:
    assert len(set(IRREGULAR.values())) == len(IRREGULAR)
    assert not UNCOUNTABLE & (set(IRREGULAR) | set(IRREGULAR.values()))
    assert [one for one, many in IRREGULAR.items() if singular_of(many) != one] == []


@given(
    st.from_regex("[a-z0-9]{0,5}", fullmatch=True),
    st.sampled_from(["", *ENDS.split()]),
)
def test_a_singular_stays_one_and_is_never_empty(stem: str, end: str) -> None:
    word = stem + end
    singular = singular_of(word)
    assert bool(singular) == bool(word)
    assert singular_of(singular) == singular
