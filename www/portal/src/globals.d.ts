/** Where the edge worker is; empty for the page's own origin. Set when the page is built. */
declare const __EDGE__: string;
