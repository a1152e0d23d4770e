namespace SimdNet.TestProgram;

/// <summary>Writes one file over and over, each time with other parameters, all of them equal, until it is killed.</summary>
internal static class Saving
{
    public static void Forever(string path)
    {
        var network = new Wide();
        for (int version = 1; ; version++)
        {
            foreach (Tensor tensor in network.Tensors) tensor.CopyFrom([.. Enumerable.Repeat((float)version, tensor.Length)]);
            network.Save(path);
            if (version == 1) Console.WriteLine("ready");
        }
    }
}
