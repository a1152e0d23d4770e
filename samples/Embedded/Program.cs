using System.Diagnostics;
using System.Globalization;
using Digits;
using Embedded;
using SimdNet;

// The network lies in the program: one file, nothing to install, and no JIT to wait for.
using Stream parameters = typeof(Program).Assembly.GetManifestResourceStream("digits.safetensors")!;
DigitNet network = DigitNet.Load(parameters);

if (args is ["--time"])
{
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Time(network):F1} ns a prediction. {Hardware.Describe()}."));
    return 0;
}

float[] image;
try
{
    using Stream file = args.Length == 0 ? typeof(Program).Assembly.GetManifestResourceStream("seven.pgm")! : File.OpenRead(args[0]);
    image = Picture.Read(file, side: 28);
}
catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
{
    Console.Error.WriteLine($"{args[0]}: {exception.Message}");
    return 1;
}

Span<float> probabilities = stackalloc float[DigitNet.OutputSize];
network.Forward(image, probabilities);
int best = 0;
for (int digit = 1; digit < probabilities.Length; digit++)
{
    if (probabilities[digit] > probabilities[best]) best = digit;
}
Console.Write(Picture.Draw(image, side: 28));
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"It is a {best} ({100 * probabilities[best]:F1} %)."));
return 0;

// The median of many predictions, each of the last one's image with a pixel changed, so that none can be left out.
static double Time(DigitNet network)
{
    float[] image = new float[DigitNet.InputSize], output = new float[DigitNet.OutputSize];
    var times = new double[201];
    for (int round = 0; round < times.Length; round++)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < 500; i++)
        {
            network.Forward(image, output);
            image[i] = output[0];
        }
        times[round] = Stopwatch.GetElapsedTime(start).TotalNanoseconds / 500;
    }
    Array.Sort(times);
    return times[times.Length / 2];
}
