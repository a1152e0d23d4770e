namespace SimdNet.Layers;

public sealed partial class Node
{
    /// <inheritdoc cref="Conv1DAttribute"/>
    public Node Conv1D(
        int filters, int kernel, int stride = 1, Padding padding = Padding.Valid, int dilation = 1, int groups = 1, bool bias = true, int pad = 0, Initializer initializer = Initializer.Auto) => Apply(
        nameof(Conv1D), (nameof(filters), filters), (nameof(kernel), kernel), (nameof(stride), stride), (nameof(padding), (int)padding), (nameof(dilation), dilation), (nameof(groups), groups), (nameof(bias), bias), (nameof(pad), pad), (nameof(initializer), (int)initializer));

    /// <inheritdoc cref="Conv2DAttribute"/>
    public Node Conv2D(
        int filters, int kernel, int stride = 1, Padding padding = Padding.Valid, int dilation = 1, int groups = 1, bool bias = true, int pad = 0, Initializer initializer = Initializer.Auto) => Apply(
        nameof(Conv2D), (nameof(filters), filters), (nameof(kernel), kernel), (nameof(stride), stride), (nameof(padding), (int)padding), (nameof(dilation), dilation), (nameof(groups), groups), (nameof(bias), bias), (nameof(pad), pad), (nameof(initializer), (int)initializer));

    /// <inheritdoc cref="ConvTranspose1DAttribute"/>
    public Node ConvTranspose1D(
        int filters, int kernel, int stride = 1, Padding padding = Padding.Valid, int dilation = 1, int groups = 1, bool bias = true, int pad = 0, Initializer initializer = Initializer.Auto) => Apply(
        nameof(ConvTranspose1D), (nameof(filters), filters), (nameof(kernel), kernel), (nameof(stride), stride), (nameof(padding), (int)padding), (nameof(dilation), dilation), (nameof(groups), groups), (nameof(bias), bias), (nameof(pad), pad), (nameof(initializer), (int)initializer));

    /// <inheritdoc cref="ConvTranspose2DAttribute"/>
    public Node ConvTranspose2D(
        int filters, int kernel, int stride = 1, Padding padding = Padding.Valid, int dilation = 1, int groups = 1, bool bias = true, int pad = 0, Initializer initializer = Initializer.Auto) => Apply(
        nameof(ConvTranspose2D), (nameof(filters), filters), (nameof(kernel), kernel), (nameof(stride), stride), (nameof(padding), (int)padding), (nameof(dilation), dilation), (nameof(groups), groups), (nameof(bias), bias), (nameof(pad), pad), (nameof(initializer), (int)initializer));

    /// <inheritdoc cref="MaxPool1DAttribute"/>
    public Node MaxPool1D(
        int kernel = 2, int stride = 0, Padding padding = Padding.Valid, int pad = 0) => Apply(
        nameof(MaxPool1D), (nameof(kernel), kernel), (nameof(stride), stride), (nameof(padding), (int)padding), (nameof(pad), pad));

    /// <inheritdoc cref="MaxPool2DAttribute"/>
    public Node MaxPool2D(
        int kernel = 2, int stride = 0, Padding padding = Padding.Valid, int pad = 0) => Apply(
        nameof(MaxPool2D), (nameof(kernel), kernel), (nameof(stride), stride), (nameof(padding), (int)padding), (nameof(pad), pad));

    /// <inheritdoc cref="AveragePool1DAttribute"/>
    public Node AveragePool1D(
        int kernel = 2, int stride = 0, Padding padding = Padding.Valid, int pad = 0, bool countIncludePad = true) => Apply(
        nameof(AveragePool1D), (nameof(kernel), kernel), (nameof(stride), stride), (nameof(padding), (int)padding), (nameof(pad), pad), (nameof(countIncludePad), countIncludePad));

    /// <inheritdoc cref="AveragePool2DAttribute"/>
    public Node AveragePool2D(
        int kernel = 2, int stride = 0, Padding padding = Padding.Valid, int pad = 0, bool countIncludePad = true) => Apply(
        nameof(AveragePool2D), (nameof(kernel), kernel), (nameof(stride), stride), (nameof(padding), (int)padding), (nameof(pad), pad), (nameof(countIncludePad), countIncludePad));

    /// <inheritdoc cref="GlobalMaxPoolAttribute"/>
    public Node GlobalMaxPool() => Apply(nameof(GlobalMaxPool));

    /// <inheritdoc cref="GlobalAveragePoolAttribute"/>
    public Node GlobalAveragePool() => Apply(nameof(GlobalAveragePool));

    /// <inheritdoc cref="Upsample2DAttribute"/>
    public Node Upsample2D(int factor, bool bilinear = false) => Apply(nameof(Upsample2D), (nameof(factor), factor), (nameof(bilinear), bilinear));

    /// <inheritdoc cref="ZeroPad2DAttribute"/>
    public Node ZeroPad2D(int top, int left, int bottom, int right) => Apply(
        nameof(ZeroPad2D), (nameof(top), top), (nameof(left), left), (nameof(bottom), bottom), (nameof(right), right));
}
