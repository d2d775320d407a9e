namespace Gateway.DemoServer.Xml;

/// <summary>One attribute; its namespace is empty unless it has a prefix.</summary>
internal readonly record struct ElementAttribute(string Namespace, string Name, string Value);
