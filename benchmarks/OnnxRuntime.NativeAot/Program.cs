using Microsoft.ML.OnnxRuntime;

// What samples/Embedded does, by ONNX Runtime: loads a network from a file, and predicts once.
using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
using var session = new InferenceSession(args[0], options);
using OrtValue input = OrtValue.CreateTensorValueFromMemory(new float[784], [1, 784]);
using var run = new RunOptions();
using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(run, session.InputNames, [input], session.OutputNames);
Console.WriteLine(outputs[0].GetTensorDataAsSpan<float>()[0]);
