using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using SimdNet.Generators.Diagnostics;
using SimdNet.Specification;

namespace SimdNet.Generators.Parsing;

/// <summary>
/// Runs a <c>Define</c> method as the compiler understands it: locals, loops and conditions on numbers, helper methods of the
/// class, and calls of layers. The result is the specification that the method builds when the program calls it.
/// </summary>
internal sealed class DefineInterpreter(
    INamedTypeSymbol type, Compilation compilation, IReadOnlyList<int>? inputShape, IReadOnlyList<IReadOnlyList<int>> inputs, List<Fault> faults, CancellationToken cancellation)
{
    private const string NodeType = "SimdNet.Layers.Node";
    private const string Accepted = "it takes constants (const), locals, for, while, if, arithmetic on numbers, static methods of the class, and calls of layers on a Node";
    private const string Captured = "a local function sees nothing of the method around it; make it static, and hand over what it needs";
    private const string References = "it follows no references to variables; a method returns what it computes, several values as a tuple";

    /// <summary>What a network of many layers needs, and an endless loop reaches soon.</summary>
    private const int MostSteps = 200_000, MostLayers = 10_000, MostCalls = 64;

    private readonly GeneratedConstants _generated = new(compilation, cancellation);
    private readonly List<Location?> _places = [];
    private Location? _placeOfMany;
    private GraphBuilder? _builder;
    private int _steps, _calls;

    /// <summary>A layer's result, by the layer's number.</summary>
    private sealed class NodeValue(int number)
    {
        public int Number { get; } = number;
    }

    /// <summary>Ends the run where something has been reported.</summary>
    private sealed class StopException : Exception;

    /// <summary>The variables of one call, and what it returns.</summary>
    private sealed class Frame(IMethodSymbol method)
    {
        public IMethodSymbol Method { get; } = method;

        public Dictionary<ISymbol, object?> Variables { get; } = new(SymbolEqualityComparer.Default);

        public bool IsReturned { get; set; }

        public object? Result { get; set; }

        public bool IsBroken { get; set; }

        public bool IsContinued { get; set; }

        public bool IsLeft => IsReturned || IsBroken || IsContinued;
    }

    public GraphSpec Run(IMethodSymbol define)
    {
        var builder = new GraphBuilder(inputShape, (fault, layer, arguments) => faults.Add(new Fault(Descriptors.Of(fault), layer < _places.Count ? _places[layer] : _placeOfMany, arguments)));
        _builder = builder;
        try
        {
            Location? place = define.Locations.FirstOrDefault();
            if (!define.IsStatic || !(IsNode(define.ReturnType) || IsTuple(define.ReturnType)) || define.Parameters.Length != Math.Max(1, inputs.Count) || !define.Parameters.All(parameter => IsNode(parameter.Type)))
                Stop(place, define.Name, "write it as 'static Node Define(Node x)'; several inputs have a [Shape] each, several results are a tuple");
            if (define.Parameters.FirstOrDefault(parameter => parameter.RefKind != RefKind.None) is { } reference) Stop(reference.Locations.FirstOrDefault(), reference.Name, References);
            object?[] arguments = inputs.Count > 1
                ? [.. Placed(place, () => builder.AddInputs(inputs)).Select(input => new NodeValue(input))]
                : [new NodeValue(LayerSpec.NetworkInput)];
            object? result = Call(define, arguments, place);
            if (result is object?[] results && results.All(one => one is NodeValue))
                result = new NodeValue(Placed(place, () => builder.AddResults([.. results.Select(one => ((NodeValue)one!).Number)])));
            if (result is not NodeValue { Number: >= 0 and var last } || last != builder.Count - 1) Stop(place, define.Name, "it must return the layer that it adds last");
        }
        catch (StopException)
        {
            // What is wrong has been reported.
        }
        return builder.Finish();
    }

    private static bool IsNode(ITypeSymbol type) => type.ToDisplayString() == NodeType;

    /// <summary>Whether a Node, or all of several, are layers' results; other values always have one.</summary>
    private static bool HasValue(ITypeSymbol type, object? value) =>
        type is IArrayTypeSymbol array ? !IsNode(array.ElementType) || (value is object?[] several && several.All(one => one is NodeValue)) : !IsNode(type) || value is NodeValue;

    private static bool IsTuple(ITypeSymbol type) => type is INamedTypeSymbol { IsTupleType: true } tuple && tuple.TupleElements.All(element => IsNode(element.Type));

    /// <summary>Adds layers that are all reported at one place.</summary>
    private T Placed<T>(Location? place, Func<T> add)
    {
        _placeOfMany = place;
        T added = add();
        while (_places.Count < _builder!.Count) _places.Add(place);
        return added;
    }

    private static Location Place(IOperation operation) => (operation.Syntax is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax access } call
        ? Location.Create(call.SyntaxTree, Microsoft.CodeAnalysis.Text.TextSpan.FromBounds(access.Name.SpanStart, call.Span.End))
        : operation.Syntax.GetLocation());

    private object? Call(IMethodSymbol method, object?[] arguments, Location? place)
    {
        cancellation.ThrowIfCancellationRequested();
        SyntaxNode? syntax = method.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(cancellation);
        IOperation? body = syntax is null ? null : compilation.GetSemanticModel(syntax.SyntaxTree).GetOperation(syntax, cancellation);
        if (++_calls > MostCalls) Stop(place, method.Name, $"its calls go deeper than {MostCalls}");
        var frame = new Frame(method);
        for (int i = 0; i < arguments.Length; i++) frame.Variables[method.Parameters[i]] = arguments[i];
        switch (body)
        {
            case IMethodBodyOperation { BlockBody: { } block }: Execute(block, frame); break;
            case IMethodBodyOperation { ExpressionBody: { } expression }: Execute(expression, frame); break;
            case ILocalFunctionOperation { Body: { } local }: Execute(local, frame); break;
            default: Stop(place, method.Name, "its source is not in this project"); break;
        }
        _calls--;
        return frame.Result;
    }

    private void Execute(IOperation operation, Frame frame)
    {
        Count(operation);
        switch (operation)
        {
            case IBlockOperation block:
                foreach (IOperation statement in block.Operations)
                {
                    Execute(statement, frame);
                    if (frame.IsLeft) return;
                }
                break;
            case IVariableDeclarationGroupOperation group:
                foreach (IVariableDeclaratorOperation declarator in group.Declarations.SelectMany(declaration => declaration.Declarators))
                {
                    if (declarator.Symbol.IsRef) Stop(declarator, References);
                    frame.Variables[declarator.Symbol] = declarator.Initializer is { } initializer ? Evaluate(initializer.Value, frame) : null;
                }
                break;
            case IExpressionStatementOperation expression:
                Evaluate(expression.Operation, frame);
                break;
            case IReturnOperation { ReturnedValue: { } value }:
                frame.Result = Evaluate(value, frame);
                frame.IsReturned = true;
                break;
            case IConditionalOperation conditional:
                if (IsTrue(conditional.Condition, frame)) Execute(conditional.WhenTrue, frame);
                else if (conditional.WhenFalse is { } otherwise) Execute(otherwise, frame);
                break;
            case IForLoopOperation loop:
                foreach (IOperation before in loop.Before) Execute(before, frame);
                while (loop.Condition is null || IsTrue(loop.Condition, frame))
                {
                    if (!RunBody(loop.Body, frame)) break;
                    foreach (IOperation step in loop.AtLoopBottom) Execute(step, frame);
                }
                break;
            case IWhileLoopOperation { ConditionIsTop: true, Condition: { } condition } loop:
                while (IsTrue(condition, frame) && RunBody(loop.Body, frame))
                {
                }
                break;
            case IBranchOperation { BranchKind: BranchKind.Break }:
                frame.IsBroken = true;
                break;
            case IBranchOperation { BranchKind: BranchKind.Continue }:
                frame.IsContinued = true;
                break;
            case ILocalFunctionOperation:
            case IEmptyOperation:
                break;
            default:
                Stop(operation, Accepted);
                break;
        }
    }

    /// <summary>Runs the body of a loop once; false where the loop is left.</summary>
    private bool RunBody(IOperation body, Frame frame)
    {
        Count(body);
        Execute(body, frame);
        bool isLeft = frame.IsReturned || frame.IsBroken;
        frame.IsBroken = frame.IsContinued = false;
        return !isLeft;
    }

    private bool IsTrue(IOperation condition, Frame frame)
    {
        if (Evaluate(condition, frame) is bool value) return value;
        Stop(condition, "conditions must follow from numbers that are known when the program is compiled");
        return false;
    }

    private object? Evaluate(IOperation operation, Frame frame)
    {
        Count(operation);
        if (operation.ConstantValue is { HasValue: true, Value: var constant })
        {
            if (_generated.AreIn(operation)) Stop(operation, GeneratedConstants.WayOut);
            return constant;
        }
        switch (operation)
        {
            case ILocalReferenceOperation local when frame.Variables.TryGetValue(local.Local, out object? value):
                return value;
            case IParameterReferenceOperation parameter when frame.Variables.TryGetValue(parameter.Parameter, out object? value):
                return value;
            case ILocalReferenceOperation local when !IsOf(local.Local, frame):
            case IParameterReferenceOperation parameter when !IsOf(parameter.Parameter, frame):
                Stop(operation, Captured);
                return null;
            case IConversionOperation conversion:
                return Convert(conversion, Evaluate(conversion.Operand, frame));
            case IParenthesizedOperation parenthesized:
                return Evaluate(parenthesized.Operand, frame);
            case ISimpleAssignmentOperation { IsRef: false } assignment:
                return Assign(assignment.Target, Evaluate(assignment.Value, frame), frame);
            case ICompoundAssignmentOperation compound:
                return Assign(compound.Target, Binary(compound, compound.OperatorKind, Evaluate(compound.Target, frame), Evaluate(compound.Value, frame)), frame);
            case IIncrementOrDecrementOperation step when Evaluate(step.Target, frame) is int before:
                int after = before + (step.Kind == OperationKind.Increment ? 1 : -1);
                Assign(step.Target, after, frame);
                return step.IsPostfix ? before : after;
            case IBinaryOperation { OperatorKind: BinaryOperatorKind.ConditionalAnd } and:
                return IsTrue(and.LeftOperand, frame) && IsTrue(and.RightOperand, frame);
            case IBinaryOperation { OperatorKind: BinaryOperatorKind.ConditionalOr } or:
                return IsTrue(or.LeftOperand, frame) || IsTrue(or.RightOperand, frame);
            case IBinaryOperation binary:
                return Binary(binary, binary.OperatorKind, Evaluate(binary.LeftOperand, frame), Evaluate(binary.RightOperand, frame));
            case IUnaryOperation unary when Arithmetic.Unary(unary.OperatorKind, Evaluate(unary.Operand, frame)) is { } result:
                return result;
            case IConditionalOperation { WhenFalse: { } otherwise } conditional:
                return Evaluate(IsTrue(conditional.Condition, frame) ? conditional.WhenTrue : otherwise, frame);
            case IInvocationOperation invocation:
                return Invoke(invocation, frame);
            case IArrayCreationOperation { Initializer: { } elements }:
                return elements.ElementValues.Select(element => Evaluate(element, frame)).ToArray();
            case ICollectionExpressionOperation collection when collection.Elements.All(element => element is not ISpreadOperation):
                return collection.Elements.Select(element => Evaluate(element, frame)).ToArray();
            case ITupleOperation tuple:
                return tuple.Elements.Select(element => Evaluate(element, frame)).ToArray();
            case IDeconstructionAssignmentOperation deconstruction when Evaluate(deconstruction.Value, frame) is object?[] values:
                AssignAll(deconstruction.Target, values, frame);
                return values;
            case IDiscardOperation:
                return null;
            default:
                Stop(operation, Accepted);
                return null;
        }
    }

    /// <summary>Counts a step of the run, which has an end.</summary>
    private void Count(IOperation operation)
    {
        if (++_steps > MostSteps) Stop(operation, $"it takes more than {MostSteps} steps");
        if (_steps % 1024 == 0) cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>Whether a variable is the call's own, not that of a method around it.</summary>
    private static bool IsOf(ISymbol variable, Frame frame) => SymbolEqualityComparer.Default.Equals(variable.ContainingSymbol, frame.Method);

    private object? Convert(IConversionOperation conversion, object? value)
    {
        object? converted = Arithmetic.Convert(value, conversion.Type);
        if (value is not null && converted is null) Stop(conversion, $"{System.Convert.ToString(value, CultureInfo.InvariantCulture)} does not fit into {conversion.Type!.ToDisplayString()}");
        return converted;
    }

    /// <summary>Takes a tuple apart.</summary>
    private void AssignAll(IOperation target, object?[] values, Frame frame)
    {
        if (target is IDeclarationExpressionOperation declaration) target = declaration.Expression;
        if (target is not ITupleOperation tuple || tuple.Elements.Length != values.Length)
        {
            Stop(target, Accepted);
            return;
        }
        foreach ((IOperation element, object? value) in tuple.Elements.Zip(values, (element, value) => (element, value)))
        {
            IOperation variable = element is IDeclarationExpressionOperation declared ? declared.Expression : element;
            if (value is object?[] inner && variable is ITupleOperation) AssignAll(variable, inner, frame);
            else Assign(variable, value, frame);
        }
    }

    private object? Assign(IOperation target, object? value, Frame frame)
    {
        switch (target)
        {
            case ILocalReferenceOperation local when !IsOf(local.Local, frame): Stop(target, Captured); break;
            case IParameterReferenceOperation parameter when !IsOf(parameter.Parameter, frame): Stop(target, Captured); break;
            case ILocalReferenceOperation local: frame.Variables[local.Local] = value; break;
            case IParameterReferenceOperation parameter: frame.Variables[parameter.Parameter] = value; break;
            case IDiscardOperation: break;
            default: Stop(target, Accepted); break;
        }
        return value;
    }

    private object? Binary(IOperation operation, BinaryOperatorKind kind, object? left, object? right)
    {
        if (left is NodeValue x && right is NodeValue y)
        {
            string? join = kind switch { BinaryOperatorKind.Add => "Add", BinaryOperatorKind.Multiply => "Multiply", _ => null };
            if (join is not null) return AddLayer(join, [x.Number, y.Number], new Dictionary<string, object?>(), operation);
        }
        object? result = Arithmetic.Binary(kind, left, right);
        if (result is null) Stop(operation, Accepted);
        return result;
    }

    private object? Invoke(IInvocationOperation invocation, Frame frame)
    {
        IMethodSymbol method = invocation.TargetMethod;
        if (invocation.Instance is { } instance && IsNode(method.ContainingType) && IsNode(method.ReturnType))
        {
            if (Evaluate(instance, frame) is not NodeValue node)
            {
                Stop(invocation, "the Node has no value here");
                return null;
            }
            var inputs = new List<int> { node.Number };
            var arguments = new Dictionary<string, object?>();
            foreach (IArgumentOperation argument in invocation.Arguments)
            {
                object? value = Evaluate(argument.Value, frame);
                if (!HasValue(argument.Parameter!.Type, value)) Stop(Place(argument), argument.Syntax.ToString(), "the Node has no value here");
                if (value is NodeValue other) inputs.Add(other.Number);
                else if (value is object?[] numbers && numbers.All(one => one is int)) arguments[argument.Parameter.Name] = numbers.Select(one => (int)one!).ToArray();
                else if (value is object?[] several && several.All(one => one is NodeValue)) inputs.AddRange(several.Select(one => ((NodeValue)one!).Number));
                else arguments[argument.Parameter.Name] = value;
            }
            return AddLayer(method.Name, inputs, arguments, invocation);
        }
        if (method.MethodKind == MethodKind.LocalFunction || (method.IsStatic && SymbolEqualityComparer.Default.Equals(method.ContainingType, type)))
        {
            object?[] values = new object?[method.Parameters.Length];
            foreach (IArgumentOperation argument in invocation.Arguments)
            {
                if (argument.Parameter!.RefKind != RefKind.None) Stop(argument, References);
                values[argument.Parameter.Ordinal] = Evaluate(argument.Value, frame);
            }
            return Call(method, values, invocation.Syntax.GetLocation());
        }
        Stop(invocation, Accepted);
        return null;
    }

    private NodeValue AddLayer(string kind, IReadOnlyList<int> inputs, Dictionary<string, object?> arguments, IOperation place)
    {
        if (_builder!.Count >= MostLayers) Stop(Place(place), kind, $"it adds more than {MostLayers} layers");
        _places.Add(Place(place));
        return new NodeValue(kind == nameof(GraphBuilder.Reuse) ? _builder.Reuse(inputs[1], inputs[0]) : _builder.Add(kind, inputs, new LayerArguments(arguments)));
    }

    private void Stop(IOperation operation, string reason) => Stop(operation.Syntax.GetLocation(), operation.Syntax.ToString().Split('\n')[0].Trim(), reason);

    private void Stop(Location? place, string what, string reason)
    {
        faults.Add(new Fault(Descriptors.NotInterpreted, place, what, reason));
        throw new StopException();
    }
}
