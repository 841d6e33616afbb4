#pragma once

// What NumPy's legacy generator gives, for the test in legacy_generator.cpp.
//
// The tables at the end are the output, formatted, of this Python program under NumPy 1.24.2. The legacy stream is
// frozen (NEP 19), so other versions print the same on a machine whose default integer has 64 bits.
//
// clang-format off
/*
import numpy as np

def digest(*arrays):  # FNV-1a over 64-bit words, in the order of the values
    h = 14695981039346656037
    for array in arrays:
        for word in np.ascontiguousarray(array).reshape(-1).view(np.uint64).tolist():
            h = ((h ^ word) * 1099511628211) % 2**64
    return f"{h}U"

def table(kind, name, rows):
    print(f"inline constexpr {kind} {name}[] = {{")
    for row in rows:
        print("{" + ", ".join(str(x) for x in row) + "}," if isinstance(row, list) else f"{row},")
    print("};\n")

def integer(x):  # C++ has no literal for the least one
    return f"{x}" if x > -2**63 else f"{x + 1} - 1"

def state(r):
    _, key, position, has_gauss, cached = r.get_state()
    return [digest(key.astype(np.uint64)), position, str(bool(has_gauss)).lower(), repr(cached)]

seeds = [0, 1, 42, 2**32 - 1]
rows = []
for seed in seeds:
    draw = np.random.RandomState
    row = [f"{seed}"]
    for values in (draw(seed).rand(4000), draw(seed).randn(4001)):
        row += [repr(float(values[0])), repr(float(values[-1])), digest(values)]
    rows.append(row)
table("plain_draws", "plain", rows)

rows = []
for seed in seeds:
    r = np.random.RandomState(seed)
    values = [r.randn(1001), r.rand(7), r.randn(2, 3, 5), r.uniform(-3.0, 5.5, (11, 13)), r.randint(-7, 12, 1001),
              r.normal(1.5, 0.1, 101), r.randint(0, 2**40, (3, 111)), r.permutation(257), r.randn(3), r.rand(4, 0),
              np.float64(r.randn()), np.float64(r.rand()), np.float64(r.uniform(0.1, 0.7)),
              np.float64(r.normal(-2.0, 3.3)), np.int64(r.randint(3, 9)), np.float64(r.randn()), r.randn(2001)]
    rows.append([f"{seed}", repr(float(values[0][0])), repr(float(values[-1][-1])), digest(*values)] + state(r))
table("mixed_draws", "mixed", rows)

ends = [(5, 5), (0, 1), (0, 2), (-1, 1), (0, 3), (0, 4), (1, 6), (0, 255), (0, 256), (-100, 1000), (0, 2**16),
        (0, 10**6), (-2**31, 2**31 - 2), (0, 2**32 - 2), (0, 2**32 - 1), (-5, 2**32 - 6), (0, 2**32), (7, 2**33 - 1),
        (0, 10**12), (-2**62, 2**62 - 1), (-2**62, 2**62), (0, 2**63 - 1), (-2**63, -2**63), (-2**63, 2**63 - 2),
        (-2**63, 2**63 - 1)]
rows = []
for seed, (low, high) in enumerate(ends):
    r = np.random.RandomState(seed)
    values = r.randint(low, high + 1, 2000)
    rows.append([integer(low), integer(high), integer(values[0]), integer(values[-1]), digest(values), repr(r.rand())])
table("integer_draws", "integers", rows)

rows = []
for count in [0, 1, 2, 3, 8, 9, 256, 257, 3000]:
    r = np.random.RandomState(count)
    shuffled = np.arange(count) * 0.5
    order, _ = r.permutation(count), r.shuffle(shuffled)
    rows.append([count, digest(order), digest(shuffled), repr(r.rand())])
table("orders", "permutations", rows)

r = np.random.RandomState(3)
cube = np.arange(5 * 2 * 3).reshape(5, 2, 3)
permuted, _ = r.permutation(cube), r.shuffle(cube)
table("std::int64_t", "permuted_cube", permuted[:, 0, 0].tolist())
table("std::int64_t", "shuffled_cube", cube[:, 0, 0].tolist())
hollow = np.zeros((5, 0))
rest = [r.rand(), r.permutation(hollow) is None or r.rand(), r.shuffle(hollow) or r.rand()]
table("double", "after_cube_permutation_and_shuffle_of_nothing", rest)

r = np.random.RandomState(8)
table("std::int64_t", "choices", [r.choice(10), *r.choice(10, (2, 3)).flat, *r.choice(10, (2, 3), replace=False).flat,
                                  *r.choice(4, 4, replace=False), r.choice(1)])
table("double", "after_choices", [r.rand()])

rows = []
for hidden in [1, 2, 3, 4, 5, 20, 50]:
    r = np.random.RandomState(0)
    first, second = r.randn(2, hidden) / np.sqrt(2), r.randn(hidden, 2) / np.sqrt(hidden)
    rows.append([hidden, digest(first, second)])
    if hidden == 3:
        three = first, second
table("weights", "initial_weights", rows)
table("double", "initial_first_of_three", three[0].reshape(-1).tolist())
table("double", "initial_second_of_three", three[1].reshape(-1).tolist())
*/
// clang-format on

#include <cstddef>
#include <cstdint>

namespace expectations
{

// A digest is FNV-1a over the 64-bit words of the values, in their order.

/// rand(4000) and randn(4001) of fresh generators.
struct plain_draws
{
    std::int64_t seed;
    double rand_first;
    double rand_last;
    std::uint64_t rand_digest;
    double randn_first;
    double randn_last;
    std::uint64_t randn_digest;
};

/// Many functions in turn, and the state behind them.
struct mixed_draws
{
    std::int64_t seed;
    double first;
    double last;
    std::uint64_t digest;
    std::uint64_t key_digest;
    std::size_t position;
    bool has_gauss;
    double cached_gauss;
};

/// 2000 integers of the closed range from low to high, then rand(); the seed is the row's number.
struct integer_draws
{
    std::int64_t low;
    std::int64_t high;
    std::int64_t first;
    std::int64_t last;
    std::uint64_t digest;
    double next;
};

/// permutation(count), then a shuffle of 0, 0.5, 1, ..., then rand(); the seed is the count.
struct orders
{
    std::size_t count;
    std::uint64_t permutation_digest;
    std::uint64_t shuffle_digest;
    double next;
};

/// Both initial weights of a network with 2 inputs and 2 outputs, seed 0.
struct weights
{
    std::size_t hidden;
    std::uint64_t digest;
};

inline constexpr plain_draws plain[] = {
    {0, 0.5488135039273248, 0.30833843446623255, 3167705624405946057U, 1.764052345967664, 0.6133491654036357,
     8445615293477414066U},
    {1, 0.417022004702574, 0.7335170182530933, 5117078437137568088U, 1.6243453636632417, -0.1403709948716723,
     3329092499092383122U},
    {42, 0.3745401188473625, 0.16136735838838312, 12342247052434823515U, 0.4967141530112327, -0.863493604964934,
     18302365579439954914U},
    {4294967295, 0.0976320289940138, 0.21046513985521342, 15430710895203323526U, 0.6484086742306527,
     -1.8409067682880709, 14177048519680347967U},
};

inline constexpr mixed_draws mixed[] = {
    {0, 1.764052345967664, 0.0697300933367111, 3949107054046765768U, 2426323148564621109U, 471, true,
     0.025911506394121212},
    {1, 1.6243453636632417, 1.0318564943424025, 7535233117603298596U, 13584259061075664843U, 410, true,
     0.6618633403020525},
    {42, 0.4967141530112327, -1.6610834155671725, 11617878330768680659U, 11020057109245738286U, 380, true,
     0.5032520647495048},
    {4294967295, 0.6484086742306527, 1.5983555582129143, 9767243697248631072U, 15695461655458414507U, 400, true,
     -0.6053108130530754},
};

inline constexpr integer_draws integers[] = {
    {5, 5, 5, 5, 8972117966019089973U, 0.5488135039273248},
    {0, 1, 1, 0, 11163915228792628676U, 0.3258099666132048},
    {0, 2, 0, 0, 2783250709117457981U, 0.613431548343788},
    {-1, 1, 1, -1, 15688897506564885955U, 0.770560681948336},
    {0, 3, 2, 1, 1215789055896814058U, 0.68256017530705},
    {0, 4, 3, 2, 7690259019590974490U, 0.8754391192115147},
    {1, 6, 3, 5, 16755558066811430201U, 0.09778538640622092},
    {0, 255, 175, 195, 2587274180956278111U, 0.08378587007198324},
    {0, 256, 133, 144, 16237505393453110143U, 0.35487285178043526},
    {-100, 1000, 282, 738, 16393319399311635822U, 0.38571996548892684},
    {0, 65536, 50496, 53677, 83291555909185664U, 0.3457379080127957},
    {0, 1000000, 403353, 125996, 4909984483785641922U, 0.16121780578218492},
    {-2147483648, 2147483646, -1485359285, -1341927202, 4151373181561387632U, 0.6919149200178973},
    {0, 4294967294, 3340206418, 3709967558, 18151284251454729269U, 0.9155068577253794},
    {0, 4294967295, 2207369835, 2576950598, 14295631672531658121U, 0.44771937349342694},
    {-5, 4294967290, 3645644227, 110034573, 16619077682105652689U, 0.0691270275110849},
    {0, 4294967296, 597836157, 3503331831, 12586490039999348878U, 0.7781088159754896},
    {7, 8589934591, 5075696888, 4426397622, 6692572216858708281U, 0.8556258562527437},
    {0, 1000000000000, 180715090195, 162806335987, 4279547718117211339U, 0.4310846822695703},
    {-4611686018427387904, 4611686018427387903, -2812508561128347026, 2493660347785330719, 4927041463845462589U,
     0.6072628164914641},
    {-4611686018427387904, 4611686018427387904, -3949640055656655082, 3638939359767185538, 15818734174047214581U,
     0.413992745738447},
    {0, 9223372036854775807, 898815338544436431, 8448532627639831437, 7726501240825120430U, 0.8927709094165911},
    {-9223372036854775807 - 1, -9223372036854775807 - 1, -9223372036854775807 - 1, -9223372036854775807 - 1,
     8769874589106626405U, 0.20846053735884262},
    {-9223372036854775807 - 1, 9223372036854775806, 319089628852908774, 8717069174530957288, 417122353169839942U,
     0.17041509150648193},
    {-9223372036854775807 - 1, 9223372036854775807, 8485821433503548291, 1176934032626640661, 15570708261987204469U,
     0.08119975400801316},
};

inline constexpr orders permutations[] = {
    {0, 14695981039346656037U, 14695981039346656037U, 0.5488135039273248},
    {1, 12638153115695167455U, 12638153115695167455U, 0.417022004702574},
    {2, 589727492704079044U, 10489596048780783597U, 0.025926231827891333},
    {3, 15034028311181735026U, 17229947645490835383U, 0.2909047389129443},
    {8, 17722361459882489313U, 1200200720022387141U, 0.47839179580240243},
    {9, 6030032249199121357U, 14156082714965453247U, 0.878559085532659},
    {256, 11666460160832817693U, 14221530175269222181U, 0.0903714317062807},
    {257, 2037133286401629971U, 10793489261924987871U, 0.048739497340360205},
    {3000, 9129530283213435625U, 11427673660551744389U, 0.8914090787988462},
};

inline constexpr std::int64_t permuted_cube[] = {
    18, 24, 6, 0, 12,
};

inline constexpr std::int64_t shuffled_cube[] = {
    12, 6, 18, 24, 0,
};

inline constexpr double after_cube_permutation_and_shuffle_of_nothing[] = {
    0.8929469543476547,
    0.20724287813818676,
    0.05146720330082988,
};

inline constexpr std::int64_t choices[] = {
    3, 4, 1, 9, 5, 8, 3, 9, 6, 2, 3, 1, 4, 3, 2, 1, 0, 0,
};

inline constexpr double after_choices[] = {
    0.14652467923899004,
};

inline constexpr weights initial_weights[] = {
    {1, 8931264082259315740U}, {2, 10052844578046567357U}, {3, 8751117166431771321U},  {4, 6314209003899912974U},
    {5, 8955119670129814967U}, {20, 1785971865511108275U}, {50, 4763444505610553934U},
};

inline constexpr double initial_first_of_three[] = {
    1.2473733762017727, 0.28295387557714186, 0.6920722655660195,
    1.5845507770701677, 1.3205629190941615,  -0.6910398159642224,
};

inline constexpr double initial_second_of_three[] = {
    0.5485338036123446,  -0.08738612495446614, -0.05959343186845471,
    0.23705915562297636, 0.08316359458476792,  0.8396252007204148,
};

} // namespace expectations
