namespace Gateway.LoadTests.Clients;

/// <summary>How connections treat their buffers.</summary>
/// <param name="HoldsNoBuffers">A read waits without a buffer: for thousands of sessions that do little.</param>
/// <param name="ReceiveBufferBytes">The kernel's; 0: its own choice. Small for slow readers, or it takes megabytes.</param>
internal readonly record struct WireSettings(bool HoldsNoBuffers = false, int ReceiveBufferBytes = 0);
