namespace SimdNet.Training;

/// <summary>placeholder until the training slice lands</summary>
public abstract class TrainingPass;
