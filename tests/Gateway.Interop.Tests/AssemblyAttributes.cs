// Two cores have enough to do with one scenario at a time: two servers, a gateway, Node and a browser.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
