using Diagnosis;
using SimdNet;
using SimdNet.Data;

DiagnosisNet network = DiagnosisNet.Load(args.Length > 0 ? args[0] : "diagnosis.safetensors");
DataFrame patients = DataFrame.ReadCsv(args.Length > 1 ? args[1] : Path.Combine(AppContext.BaseDirectory, "patients.csv"));
foreach ((int row, Prediction prediction) in network.Predict(patients).Index())
    Console.WriteLine($"patient {row + 1}: {prediction.Class} ({prediction.Probability:P1})");
