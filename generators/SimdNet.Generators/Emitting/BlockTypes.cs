using System.Collections.Generic;
using System.Linq;

namespace SimdNet.Generators.Emitting;

/// <summary>
/// The block types that emitted code for one sample, or one step, is computed in: type parameters, one for each number of lanes, which it is called with as this
/// machine realises them. Where there is no such realisation, the library's operations are called.
/// </summary>
/// <param name="lanes">The floats of blocks: 4, 8 and 16 at most.</param>
/// <param name="hasRegister">Whether blocks of 16 floats have a single register besides, for long functions.</param>
/// <param name="hasQuad">Whether the code can do with blocks of four registers.</param>
internal sealed class BlockTypes(IEnumerable<int> lanes, bool hasRegister = false, bool hasQuad = false)
{
    private const string Register = "TRegister";

    private readonly int[] _lanes = [.. lanes.Distinct().OrderByDescending(count => count)];
    private readonly bool _hasRegister = hasRegister && lanes.Contains(16);

    /// <summary>The type parameters, as they are declared.</summary>
    public string Parameters => string.Join(", ", All);

    private IEnumerable<string> All => _lanes.Select(Block).Concat(_hasRegister ? [Register] : []);

    /// <summary>The type parameter for blocks of so many lanes.</summary>
    public static string Block(int lanes) => lanes == 16 ? "TBlock" : "TBlock" + Names.Number(lanes);

    /// <summary>The type parameter for a single register of at most as many lanes.</summary>
    public static string RegisterOf(int lanes) => lanes == 16 ? Register : Block(lanes);

    /// <summary>Writes what the type parameters must be.</summary>
    public void WriteConstraints(SourceWriter writer)
    {
        foreach (string type in All) writer.WriteLine($"    where {type} : struct, {Names.Services}IBlock<{type}>");
    }

    /// <summary>Writes a call for each realisation, and a return behind it.</summary>
    /// <param name="call">The call with these type arguments.</param>
    /// <param name="result">What is returned.</param>
    public void WriteCalls(SourceWriter writer, System.Func<string, string> call, string result = "")
    {
        (string Condition, string Types)[] realisations =
        [
            Realisation("512", "Register512", "Register256"),
            Realisation("256", $"Twice<{Names.Services}Register256>", "Register256"),
            Realisation("128", $"Quad<{Names.Services}Register128>", $"Twice<{Names.Services}Register128>"),
        ];
        // Narrow blocks have the same types on several machines.
        foreach (IGrouping<string, string> realisation in realisations.Take(hasQuad ? 3 : 2).GroupBy(one => one.Types, one => one.Condition))
        {
            writer.Open($"if ({string.Join(" || ", realisation)})");
            writer.WriteLine(call(realisation.Key));
            writer.WriteLine($"return{result};");
            writer.Close();
        }

        (string Condition, string Types) Realisation(string bits, string wide, string half) => (
            $"{Names.Services}BlockDispatch.Is{bits}",
            string.Join(", ", _lanes.Select(count => count == 16 ? wide : count == 8 ? half : "Register128").Concat(_hasRegister ? ["Register" + bits] : []).Select(type => Names.Services + type)));
    }
}
