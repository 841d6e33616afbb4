// PyTorch's weights in our models. The files, and what the modules that they come from make of an input, are written by
// data/make_pytorch_files.py. Wherever a matrix can be square it is: only its numbers tell whether it is transposed.

#include "nn/serialization/pytorch.hpp"
#include "nn/nn.hpp"
#include "tests/nn/serialization/reading.hpp"

namespace
{

using namespace support;
using autograd::error::file_error;
using autograd::error::value_error;

template <class Leaf>
struct classifier
{
    nn::linear<Leaf> hidden;
    nn::linear<Leaf> output;
    NN_MEMBERS(hidden, output)

    Leaf operator()(Leaf x) const { return output(tanh(hidden(x))); }
};

template <class Leaf>
struct reader
{
    nn::embedding<Leaf> letters;
    nn::lstm<Leaf> first;
    nn::lstm<Leaf> second;
    nn::linear<Leaf> next;
    NN_MEMBERS(letters, first, second, next)

    template <class T>
    Leaf operator()(autograd::indices<T> text) const
    {
        return next(second(first(letters(text)).outputs).outputs);
    }
};

/// What PyTorch calls the parts of a reader: its LSTM has two layers, numbered.
const nn::pytorch_names names_of_reader{{"first", "memory"},
                                        {"second.weights.weight_ih", "memory.weight_ih_l1"},
                                        {"second.weights.weight_hh", "memory.weight_hh_l1"},
                                        {"second.weights.bias_ih", "memory.bias_ih_l1"},
                                        {"second.weights.bias_hh", "memory.bias_hh_l1"}};

/// A layer of somebody else, which says how PyTorch has its matrices, in a container, too.
template <class Leaf>
struct outspoken
{
    Leaf left;
    Leaf right;
    std::vector<Leaf> more;
    Leaf scale;
    NN_MEMBERS(left, right, more, scale)
    static constexpr std::array in_pytorch{nn::pytorch::transposed("left", "lhs.weight"), nn::pytorch::same("right"),
                                           nn::pytorch::transposed("more"), nn::pytorch::ignored("count")};
};

/// One that says nothing.
template <class Leaf>
struct silent
{
    Leaf table;
    Leaf scale;
    NN_MEMBERS(table, scale)
};

/// One whose parts have other names in PyTorch, or are PyTorch's own.
template <class Leaf>
struct renamed
{
    silent<Leaf> inner;
    nn::linear<Leaf> outer;
    std::vector<nn::linear<Leaf>> list;
    NN_MEMBERS(inner, outer, list)
    static constexpr std::array in_pytorch{nn::pytorch::inlined("inner"), nn::pytorch::same("outer", "head")};
};

/// One whose members are numbered, in another that says of it only that it is there.
template <class Leaf>
struct numbered
{
    Leaf table;
    auto members() { return std::tie(table); }
    auto members() const { return std::tie(table); }
};
template <class Leaf>
struct around
{
    numbered<Leaf> inner;
    NN_MEMBERS(inner)
    static constexpr std::array in_pytorch{nn::pytorch::same("inner")};
};

template <class Layer>
concept is_accepted = nn::detail::speaks_of_its_members<Layer>();
static_assert(is_accepted<outspoken<array>> && is_accepted<renamed<array>>);

template <class Leaf>
struct misspelled : silent<Leaf>
{
    static constexpr std::array in_pytorch{nn::pytorch::same("tabel")};
};
static_assert(!is_accepted<misspelled<array>>);

template <class Leaf>
struct turning : classifier<Leaf>
{
    static constexpr std::array in_pytorch{nn::pytorch::transposed("hidden")};
};
static_assert(!is_accepted<turning<array>>, "a layer cannot be transposed, only its arrays");

const json& expected(const std::string& name)
{
    static const json all = read_json("pytorch/expectations.json");
    return all.at(name);
}

std::string file_of(const std::string& name)
{
    return TEST_DATA "/nn/pytorch/" + expected(name).at("file").get<std::string>();
}

nn::archive state_dict(const std::string& name)
{
    const std::string file = file_of(name);
    return file.ends_with(".npz") ? nn::load_npz(file) : nn::load_safetensors(file);
}

const array numbers_of_a_square{{1, 2}, {3, 4}};

nn::random_stream anywhere(77);

classifier<array> make_classifier()
{
    return {nn::make_linear(4, 4, anywhere), nn::make_linear(4, 4, anywhere, nn::init::normal(0, 1), std::nullopt)};
}

template <class T>
reader<xt::xarray<T>> make_reader()
{
    return {nn::make_embedding<T>(8, 8, anywhere), nn::make_lstm<T>(8, 2, anywhere), nn::make_lstm<T>(2, 2, anywhere),
            nn::make_linear<T>(2, 2, anywhere)};
}

auto make_sequence()
{
    return nn::sequential{nn::make_linear(4, 4, anywhere),
                          nn::make_batch_norm(4),
                          nn::activation::relu(),
                          nn::dropout{0.5},
                          nn::make_linear(4, 4, anywhere, nn::init::normal(0, 1), std::nullopt),
                          nn::make_layer_norm({4})};
}

/// The layer's outputs, of a recurrent one those of all steps.
template <class T>
autograd::variable<T> output(autograd::variable<T> y)
{
    return y;
}
template <class Leaf, class State>
Leaf output(const nn::recurrent_result<Leaf, State>& result)
{
    return result.outputs;
}

/// That a model which has loaded the file of a case gives what its module gives.
template <class T = double, class Model>
void check_output(const std::string& name, const Model& model, double most = 1e-12)
{
    const json& of = expected(name);
    autograd::tape<T> t;
    const auto m = nn::on_tape(t, model);
    const auto y = [&]
    {
        if constexpr (requires { m(t.constant(xt::xarray<T>())); })
        {
            return output(m(t.constant(array_of<T>(of.at("x")))));
        }
        else
        {
            return output(m(t.index(array_of<int>(of.at("x")))));
        }
    }();
    const array wanted = array_of<double>(of.at("y"));
    BOOST_TEST_REQUIRE(shape(y) == extents_of(wanted), per_element());
    for (std::size_t i = 0; i < y.size(); ++i)
    {
        const auto found = static_cast<double>(y.data()[i]);
        BOOST_TEST(std::abs(found - wanted.data()[i]) <= most,
                   name << ", element " << i << ": " << found << " instead of " << wanted.data()[i]);
    }
}

template <class Model>
void check_case(const std::string& name, Model model, const nn::pytorch_names& names = {})
{
    nn::load_pytorch(model, state_dict(name), names);
    check_output(name, model);
}

/// The error for an archive that does not fit; the model must be as it was.
template <class Error = file_error, class Model>
std::string refused(Model& model, const nn::archive& arrays, const nn::pytorch_names& names = {})
{
    const nn::archive before = nn::arrays_of_model(model);
    const std::string text = text_of<Error>([&] { nn::load_pytorch(model, arrays, names); });
    BOOST_TEST(is_same(nn::arrays_of_model(model), before));
    return text;
}

/// The arrays with another one in place of the last that has its name.
nn::archive with(const nn::archive& arrays, const std::string& name, nn::any_array instead)
{
    nn::archive result;
    for (const auto& [each, there] : arrays)
    {
        result.add(each, each == name ? instead : there);
    }
    return result;
}

nn::archive without(const nn::archive& arrays, const std::string& name)
{
    nn::archive result;
    for (const auto& [each, there] : arrays)
    {
        if (each != name)
        {
            result.add(each, there);
        }
    }
    return result;
}

nn::archive under(const std::string& prefix, const nn::archive& arrays)
{
    nn::archive result;
    for (const auto& [name, there] : arrays)
    {
        result.add(prefix + name, there);
    }
    return result;
}

const nn::pytorch_names names_of_classifier{{"hidden", "fc1"}, {"output", "fc2"}};

} // namespace

BOOST_AUTO_TEST_SUITE(nn_pytorch_files)

BOOST_AUTO_TEST_CASE(models_give_what_pytorch_gives)
{
    check_case("perceptron", make_classifier(), names_of_classifier);
    check_case("sequence", make_sequence());
    check_case("layer_norm", nn::make_layer_norm({4, 4}));
    check_case("rnn", nn::make_rnn(3, 3, anywhere));
    auto with_relu = nn::make_rnn(3, 3, anywhere);
    with_relu.function = nn::nonlinearity::relu;
    check_case("rnn_relu", with_relu);
    check_case("lstm", nn::make_lstm(8, 2, anywhere));
    check_case("gru", nn::make_gru(6, 2, anywhere));
    check_case("reader", make_reader<double>(), names_of_reader);
    check_case("halves", nn::make_linear(4, 4, anywhere));
}

BOOST_AUTO_TEST_CASE(files_of_either_format_are_read)
{
    auto model = make_classifier();
    nn::load_pytorch(file_of("perceptron"), model, names_of_classifier);
    check_output("perceptron", model);
    auto layers = make_sequence();
    nn::load_pytorch(file_of("sequence"), layers);
    check_output("sequence", layers);
    const std::string text = text_of<file_error>([&] { nn::load_pytorch("model.pt", layers); });
    BOOST_TEST(text == "autograd: load_pytorch: model.pt: the ending \".pt\" says no format; it must be .npz or "
                       ".safetensors.");
}

BOOST_AUTO_TEST_CASE(names_are_given_by_prefix)
{
    const nn::archive arrays = state_dict("perceptron");
    auto model = make_classifier();
    nn::load_pytorch(model, under("module.", arrays),
                     {{"", "module"}, {"hidden", "module.fc1"}, {"output", "module.fc2"}});
    check_output("perceptron", model);

    // The model is a part of PyTorch's, or PyTorch's is a part of ours.
    auto layers = make_sequence();
    nn::load_pytorch(layers, under("net.", state_dict("sequence")), {{"", "net"}});
    check_output("sequence", layers);
    std::tuple<decltype(layers)> pair{make_sequence()};
    nn::load_pytorch(pair, state_dict("sequence"), {{"0", ""}});
    check_output("sequence", std::get<0>(pair));

    // The longest of those that concern an array.
    auto layer = nn::make_linear(4, 4, anywhere);
    nn::archive parts;
    parts.add("a.weight", arrays.at("fc1.weight"));
    parts.add("b", arrays.at("fc1.bias"));
    nn::load_pytorch(layer, parts, {{"", "a"}, {"bias", "b"}});
    BOOST_TEST(*layer.bias == arrays.at("fc1.bias").as<double>());

    BOOST_TEST(
        refused<value_error>(model, arrays, {{"hiden", "fc1"}, {"output", "fc2"}}) ==
        "autograd: load_pytorch: the names have \"fc1\" for \"hiden\", which the model does not have; its arrays "
        "are hidden.weight, hidden.bias, output.weight.");
}

BOOST_AUTO_TEST_CASE(one_array_goes_to_two_members)
{
    const array table = numbers_of_a_square;
    std::tuple<nn::embedding<array>, nn::linear<array>> tied{
        nn::make_embedding(2, 2, anywhere), nn::make_linear(2, 2, anywhere, nn::init::normal(0, 1), std::nullopt)};
    nn::archive arrays;
    arrays.add("0.weight", table);
    nn::load_pytorch(tied, arrays, {{"1", "0"}});
    BOOST_TEST(std::get<0>(tied).weight == table);
    BOOST_TEST(std::get<1>(tied).weight == array(xt::transpose(table)));
}

BOOST_AUTO_TEST_CASE(every_array_has_its_place)
{
    auto model = make_classifier();
    const nn::archive arrays = state_dict("perceptron");
    const std::string file = file_of("perceptron");
    const std::string rule = "; each array must have its place, by its name or by one that is given, as {{\"hidden\", "
                             "\"fc1\"}}.";
    BOOST_TEST(refused(model, arrays) ==
               "autograd: load_pytorch: " + file +
                   ": there is no \"hidden.weight\" (4, 4) for hidden.weight, \"hidden.bias\" (4,) for hidden.bias, "
                   "\"output.weight\" (4, 4) for output.weight; the model has no place for \"fc1.weight\" (4, 4), "
                   "\"fc1.bias\" (4,), \"fc2.weight\" (4, 4)" +
                   rule);
    BOOST_TEST(refused(model, without(arrays, "fc1.bias"), names_of_classifier) ==
               "autograd: load_pytorch: there is no \"fc1.bias\" (4,) for hidden.bias" + rule);
    nn::archive more = arrays;
    more.add("fc3.weight", numbers_of_a_square);
    BOOST_TEST(refused(model, more, names_of_classifier) ==
               "autograd: load_pytorch: " + file + ": the model has no place for \"fc3.weight\" (2, 2)" + rule);

    auto wide = std::vector<nn::linear<array>>(30, nn::make_linear(1, 1, anywhere));
    const std::string many = refused(wide, arrays);
    BOOST_TEST(many.find("\"9.bias\" (1,) for 9.bias, ...; the model has no place for") != many.npos, many);
}

BOOST_AUTO_TEST_CASE(further_layers_and_directions_are_refused)
{
    auto cell = nn::make_lstm(8, 2, anywhere);
    const nn::archive arrays = state_dict("lstm");
    const std::string remark = " A recurrent layer is one layer in one direction: each other is a layer of its own, "
                               "whose arrays are named one by one.";
    for (const std::string name : {"weight_hh_l1", "bias_ih_l12", "weight_ih_l0_reverse"})
    {
        nn::archive more = arrays;
        more.add(name, numbers_of_a_square);
        const std::string text = refused(cell, more);
        BOOST_TEST(text.find("no place for \"" + name + "\" (2, 2);") != text.npos, text);
        BOOST_TEST(text.ends_with(remark), text);
    }
    BOOST_TEST(!refused(cell, under("cell.", arrays)).ends_with(remark));
    cell.weights.bias_hh.reset();
    BOOST_TEST(refused(cell, arrays).find("no place for \"bias_hh_l0\" (8,);") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(other_shapes_are_refused)
{
    auto layer = nn::make_linear(3, 2, anywhere);
    nn::archive arrays;
    arrays.add("weight", array(array::from_shape({3, 2})));
    arrays.add("bias", array{1, 2});
    BOOST_TEST(refused(layer, arrays) ==
               "autograd: load_pytorch: \"weight\" is float64 (3, 2); for weight (3, 2) it must "
               "be (2, 3), its transpose.");
    const nn::archive norm = state_dict("layer_norm");
    auto other = nn::make_layer_norm({2, 8});
    BOOST_TEST(refused(other, norm) == "autograd: load_pytorch: " + file_of("layer_norm") +
                                           ": \"weight\" is float64 (4, 4); for weight (2, 8) it must be (2, 8).");
    // The last array is the wrong one: those before it have not gone into the model, which `refused` looks at.
    auto model = make_classifier();
    const nn::archive last = with(state_dict("perceptron"), "fc2.weight", array{1});
    BOOST_TEST(refused(model, last, names_of_classifier).find("\"fc2.weight\" is float64 (1,)") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(numbers_are_never_rounded)
{
    auto narrow = make_reader<float>();
    nn::load_pytorch(narrow, state_dict("reader"), names_of_reader);
    check_output<float>("reader", narrow, 1e-6);

    auto layer = nn::make_layer_norm<float>({3});
    const double infinity = std::numeric_limits<double>::infinity();
    nn::archive arrays;
    arrays.add("weight", array{0.5, -infinity, std::nan("")});
    arrays.add("bias", array{1, 2, 3});
    nn::load_pytorch(layer, arrays);
    BOOST_TEST(layer.weight(0) == 0.5F);
    BOOST_TEST(layer.weight(1) == -std::numeric_limits<float>::infinity());
    BOOST_TEST(std::isnan(layer.weight(2)));
    for (const double x : {0.1, 1e300, 1e-300})
    {
        const std::string text = refused(layer, with(arrays, "bias", array{1, x, 3}));
        BOOST_TEST(text.find(" at element 1 (float64), and the model is of float32, which has no such number") !=
                       text.npos,
                   text);
    }
    BOOST_TEST(refused(layer, with(arrays, "bias", integers{1, 2, 3})) ==
               "autograd: load_pytorch: \"bias\" is int32 (3,); for bias it must be of floating-point numbers.");
}

BOOST_AUTO_TEST_CASE(layers_of_ones_own_say_how_their_matrices_lie)
{
    const array square = numbers_of_a_square;
    const array turned = xt::transpose(square);
    nn::archive arrays;
    arrays.add("lhs.weight", square);
    arrays.add("right", square);
    arrays.add("more.0", square);
    arrays.add("more.1", array{{1, 2, 3}});
    arrays.add("scale", array{5, 6});
    arrays.add("count", array(7));
    const array zeros = array(0 * square);
    outspoken<array> layer{zeros, zeros, {zeros, array(array::from_shape({3, 1}))}, array{0, 0}};
    nn::load_pytorch(layer, arrays);
    BOOST_TEST(layer.left == turned);
    BOOST_TEST(layer.right == square);
    BOOST_TEST(layer.more[0] == turned);
    BOOST_TEST(layer.more[1] == column({1, 2, 3}));
    BOOST_TEST(layer.scale == (array{5, 6}));

    silent<array> undecided{square, array{0, 0}};
    nn::archive its;
    its.add("table", square);
    its.add("scale", array{5, 6});
    BOOST_TEST(
        refused<value_error>(undecided, its) ==
        "autograd: load_pytorch: table (2, 2) may be transposed in PyTorch or not, and its layer does not say. Put "
        "it into the layer's in_pytorch, as nn::pytorch::same or nn::pytorch::transposed.");
    undecided.table = array{0, 0};
    nn::load_pytorch(undecided, with(its, "table", array{3, 4})); // of one axis there is nothing to say
    BOOST_TEST(undecided.table == (array{3, 4}));

    array alone = square; // the model is one array
    nn::archive one;
    one.add("w", square);
    const std::string text = text_of<value_error>([&] { nn::load_pytorch(alone, one, {{"", "w"}}); });
    BOOST_TEST(text.starts_with("autograd: load_pytorch: the model (2, 2) may be transposed"), text);

    around<array> silent_inside{{square}};
    nn::archive inner;
    inner.add("inner.0", square);
    BOOST_TEST(refused<value_error>(silent_inside, inner).find("inner.0 (2, 2) may be transposed") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(parts_have_other_names_in_pytorch)
{
    renamed<array> model{{array{0, 0}, array(0.0)},
                         nn::make_linear(2, 2, anywhere),
                         {nn::make_linear(2, 2, anywhere, nn::init::normal(0, 1), std::nullopt)}};
    const array square = numbers_of_a_square;
    nn::archive arrays;
    arrays.add("table", array{1, 2});
    arrays.add("scale", array(3.0));
    arrays.add("head.weight", square);
    arrays.add("head.bias", array{4, 5});
    arrays.add("list.0.weight", square);
    nn::load_pytorch(model, arrays);
    BOOST_TEST(model.inner.table == (array{1, 2}));
    BOOST_TEST(model.inner.scale() == 3.0);
    BOOST_TEST(model.outer.weight == array(xt::transpose(square)));
    BOOST_TEST(*model.outer.bias == (array{4, 5}));
    BOOST_TEST(model.list[0].weight == array(xt::transpose(square)));
}

BOOST_AUTO_TEST_SUITE_END()
