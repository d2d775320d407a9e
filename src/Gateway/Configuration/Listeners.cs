namespace Gateway.Configuration;

/// <summary>Reads the address of a listener.</summary>
internal static class Listeners
{
    /// <summary>The address under a key; the fallback if it is not there or wrong.</summary>
    /// <param name="section">Where the key is.</param>
    /// <param name="key">Its name.</param>
    /// <param name="fallback">A valid address.</param>
    /// <param name="loopbackOnly">Demo mode: nobody but this machine (interface.md 6).</param>
    /// <param name="allowHttps">TLS has a place here.</param>
    public static ListenerAddress Read(ConfigurationReader section, string key, string fallback, bool loopbackOnly, bool allowHttps)
    {
        ListenerAddress? parsed = null;
        var text = section.Text(key, candidate =>
        {
            if (!ListenerAddress.TryParse(candidate, out parsed, out var right))
            {
                return right;
            }

            if (loopbackOnly && !parsed.IsLoopback)
            {
                return "a loopback address (localhost, 127.0.0.1 or [::1]): this is demo mode";
            }

            return parsed.IsHttps && !allowHttps ? "an address that begins with http://: it is for loopback or a network of your own" : null;
        });

        return text is not null && parsed is not null ? parsed
            : ListenerAddress.TryParse(fallback, out var address, out _) ? address
            : throw new ArgumentException("the fallback is no address", nameof(fallback));
    }
}
