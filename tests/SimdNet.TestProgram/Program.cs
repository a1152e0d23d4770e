using SimdNet.TestProgram;

// What tests have to start as a process of its own.
switch (args)
{
    case ["bits", var threads]: Bits.Print(int.Parse(threads)); return 0;
    case ["save", var path]: Saving.Forever(path); return 0;
    default:
        Console.Error.WriteLine("bits THREADS: the hashes of everything that has the same bits everywhere\nsave PATH: saves a network again and again");
        return 1;
}
