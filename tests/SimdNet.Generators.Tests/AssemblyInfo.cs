using Xunit.Sdk;
using Xunit.v3;

// The instruction set in use is one for the process, and tests change it.
[assembly: Parallelization(Mode = ParallelMode.None)]
