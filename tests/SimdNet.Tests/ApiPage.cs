using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace SimdNet.Tests;

/// <summary>The public API as a page: what the assembly has, in the words of its documentation.</summary>
internal static partial class ApiPage
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(char)] = "char",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
    };

    /// <summary>Public types of a user's concern, by namespace and name.</summary>
    public static IEnumerable<Type> Types => typeof(Hardware).Assembly.GetExportedTypes()
        .Where(type => type.Namespace != "SimdNet.CompilerServices").OrderBy(type => type.Namespace, StringComparer.Ordinal).ThenBy(type => type.Name, StringComparer.Ordinal);

    public static string Write()
    {
        Dictionary<string, XElement> documentation = XDocument.Load(Path.ChangeExtension(typeof(Hardware).Assembly.Location, ".xml"))
            .Descendants("member").ToDictionary(member => member.Attribute("name")!.Value);
        var page = new StringBuilder("# The public API\n\nWritten by a test from the library and its documentation (`SIMDNET_UPDATE_BASELINES=1` writes it anew): each\nmember with its parameters and its errors, in the words that editors show. `SimdNet.CompilerServices` is for generated code.\n");
        foreach (IGrouping<string?, Type> space in Types.GroupBy(type => type.Namespace))
        {
            page.Append($"\n## {space.Key}\n");
            foreach (Type type in space)
            {
                string call = type.GetMethod("Invoke") is { } invoke && typeof(Delegate).IsAssignableFrom(type) ? $"`{Name(invoke.ReturnType)} {Name(type)}({Parameters(invoke.GetParameters())})`<br>" : "";
                page.Append($"\n### {Name(type)}\n\n{call}{Summary(documentation, "T:" + Id(type))}\n");
                string members = string.Concat(Members(type).Select(member => $"| `{Signature(member)}` | {Summary(documentation, member).Replace("|", "\\|")} |\n"));
                if (members.Length > 0) page.Append($"\n| | |\n|---|---|\n{members}");
            }
        }
        return page.ToString();
    }

    private static IEnumerable<MemberInfo> Members(Type type) => type.GetMembers(Declared)
        .Where(member => member.GetCustomAttribute<CompilerGeneratedAttribute>() is null && member switch
        {
            FieldInfo field => (field.IsPublic || field.IsFamily) && !field.IsSpecialName,
            PropertyInfo property => (property.GetMethod ?? property.SetMethod!) is var accessor && IsVisible(accessor) && accessor.GetBaseDefinition().DeclaringType == type && property.Name != "EqualityContract",
            ConstructorInfo constructor => IsVisible(constructor) && !type.IsEnum && !typeof(Delegate).IsAssignableFrom(type),
            MethodInfo method => IsVisible(method) && !method.IsSpecialName && method.GetBaseDefinition().DeclaringType == type && !typeof(Delegate).IsAssignableFrom(type),
            _ => false,
        })
        .OrderBy(member => member.MemberType == MemberTypes.Constructor ? 0 : member.MemberType == MemberTypes.Method ? 2 : 1)
        .ThenBy(member => type.IsEnum ? ((IConvertible)((FieldInfo)member).GetRawConstantValue()!).ToInt64(null) : 0)
        .ThenBy(member => type.IsEnum ? "" : member.Name, StringComparer.Ordinal).ThenBy(MemberId, StringComparer.Ordinal);

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Signature(MemberInfo member) => member switch
    {
        FieldInfo { DeclaringType.IsEnum: true } field => field.Name,
        FieldInfo field => $"{(field.IsLiteral ? "const " : "")}{Name(field.FieldType)} {field.Name}",
        PropertyInfo { GetMethod: { } get } property => $"{Modifiers(get)}{Name(property.PropertyType)}{Mark(property)} {(property.GetIndexParameters() is { Length: > 0 } indices ? $"this[{Parameters(indices)}]" : property.Name)}{Setter(property)}",
        ConstructorInfo constructor => $"{Name(constructor.DeclaringType!)}({Parameters(constructor.GetParameters())})",
        MethodInfo method => $"{Modifiers(method)}{Name(method.ReturnType)} {method.Name}{(method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "")}({Parameters(method.GetParameters())})",
        _ => member.Name,
    };

    private static string Setter(PropertyInfo property) => property.SetMethod is not { IsPublic: true } set ? ""
        : set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? " { get; init; }" : " { get; set; }";

    /// <summary>A question mark after a reference that may be null.</summary>
    private static string Mark(ParameterInfo parameter) => Mark(parameter.ParameterType, new NullabilityInfoContext().Create(parameter).ReadState);

    private static string Mark(PropertyInfo property) => Mark(property.PropertyType, new NullabilityInfoContext().Create(property).ReadState);

    private static string Mark(Type type, NullabilityState state) => !type.IsValueType && !type.IsGenericParameter && state == NullabilityState.Nullable ? "?" : "";

    private static string Modifiers(MethodInfo method) => (method.IsFamily || method.IsFamilyOrAssembly ? "protected " : "") + (method.IsStatic ? "static " : method.IsAbstract && !method.DeclaringType!.IsInterface ? "abstract " : "");

    private static string Parameters(ParameterInfo[] parameters) => string.Join(", ", parameters.Select(parameter => $"{(parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "")}{(parameter.IsOut ? "out " + Name(parameter.ParameterType.GetElementType()!) : Name(parameter.ParameterType) + Mark(parameter))} {parameter.Name}{(parameter.HasDefaultValue ? " = " + Default(parameter) : "")}"));

    private static string Default(ParameterInfo parameter) => parameter.DefaultValue switch
    {
        null => parameter.ParameterType.IsValueType && Nullable.GetUnderlyingType(parameter.ParameterType) is null ? "default" : "null",
        bool value => value ? "true" : "false",
        float value => value.ToString("R", CultureInfo.InvariantCulture) + "f",
        var value => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Name(Type type)
    {
        if (Keywords.TryGetValue(type, out string? keyword)) return keyword;
        if (type.IsByRef) return "ref " + Name(type.GetElementType()!);
        if (type.IsArray) return Name(type.GetElementType()!) + "[]";
        if (Nullable.GetUnderlyingType(type) is { } underlying) return Name(underlying) + "?";
        if (type.IsGenericType && type.Name.StartsWith("ValueTuple", StringComparison.Ordinal)) return $"({string.Join(", ", type.GetGenericArguments().Select(Name))})";
        return type.IsGenericType ? $"{type.Name[..type.Name.IndexOf('`')]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : type.Name;
    }

    private static string MemberId(MemberInfo member)
    {
        string owner = Id(member.DeclaringType!) + ".";
        return member switch
        {
            FieldInfo => "F:" + owner + member.Name,
            PropertyInfo property => "P:" + owner + member.Name + Arguments(property.GetIndexParameters()),
            ConstructorInfo constructor => "M:" + owner + "#ctor" + Arguments(constructor.GetParameters()),
            MethodInfo method => "M:" + owner + method.Name + (method.IsGenericMethod ? "``" + method.GetGenericArguments().Length : "") + Arguments(method.GetParameters()),
            _ => "",
        };
    }

    private static string Arguments(ParameterInfo[] parameters) => parameters.Length == 0 ? "" : $"({string.Join(",", parameters.Select(parameter => Id(parameter.ParameterType)))})";

    private static string Id(Type type)
    {
        if (type.IsByRef) return Id(type.GetElementType()!) + "@";
        if (type.IsArray) return Id(type.GetElementType()!) + "[]";
        if (type.IsGenericParameter) return (type.DeclaringMethod is null ? "`" : "``") + type.GenericParameterPosition;
        if (type is { IsGenericType: true, IsGenericTypeDefinition: false })
            return $"{type.GetGenericTypeDefinition().FullName!.Split('`')[0].Replace('+', '.')}{{{string.Join(",", type.GetGenericArguments().Select(Id))}}}";
        return type.FullName!.Replace('+', '.');
    }

    private static string Summary(Dictionary<string, XElement> documentation, MemberInfo member)
    {
        string summary = Summary(documentation, MemberId(member));
        if (summary.Length > 0) return summary + Details(documentation[MemberId(member)]);

        // The properties of a record are documented as its parameters, and so is what it is created from.
        if (member is ConstructorInfo) return "Creates it.";
        return documentation.TryGetValue("T:" + Id(member.DeclaringType!), out XElement? type)
            ? Plain(type.Elements("param").FirstOrDefault(parameter => parameter.Attribute("name")?.Value == member.Name))
            : "";
    }

    /// <summary>Type parameters, parameters and errors, a line for each.</summary>
    private static string Details(XElement member) => string.Concat(
        member.Elements().Where(element => element.Name.LocalName is "typeparam" or "param" && Plain(element).Length > 0)
            .Select(parameter => $"<br>`{parameter.Attribute("name")!.Value}`: {Plain(parameter)}")
            .Concat(member.Elements("returns").Select(returns => $"<br>Returns: {Plain(returns)}"))
            .Concat(member.Elements("exception").Select(exception => $"<br>`{Last(exception.Attribute("cref")!.Value)}`: {Plain(exception)}"))
            .Concat(member.Elements("remarks").Select(remarks => $"<br>{Plain(remarks)}")));

    private static string Summary(Dictionary<string, XElement> documentation, string id) =>
        documentation.TryGetValue(id, out XElement? member) ? Plain(member.Element("summary")) : "";

    private static string Plain(XElement? summary) => summary is null ? "" : Blanks().Replace(string.Concat(summary.Nodes().Select(Text)), " ").Trim();

    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement element => $"`{Last((element.Attribute("cref") ?? element.Attribute("name") ?? element.Attribute("langword"))?.Value ?? "")}`",
        _ => "",
    };

    private static string Last(string id) => Generic().Replace(id.Split('(')[0].Split(':')[^1].Split('.')[^1], "");

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"`+\d+")]
    private static partial Regex Generic();
}
