using Microsoft.Playwright;

namespace Gateway.Interop.Tests.Support;

internal static class PageReload
{
    /// <summary>Loads the page anew; `meanwhile` runs when the old document is gone and before any script of the new one runs.</summary>
    public static async Task ReloadAsync(this IPage page, Func<Task> meanwhile)
    {
        const string Scripts = "**/pages/*.js";
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var back = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await page.RouteAsync(Scripts, async route =>
        {
            left.TrySetResult();
            await back.Task;
            await route.ContinueAsync();
        });
        var reload = page.ReloadAsync();
        try
        {
            await Task.WhenAny(left.Task, reload);
            await meanwhile();
        }
        finally
        {
            back.SetResult();
        }

        await reload;
        await page.UnrouteAsync(Scripts);
    }
}
