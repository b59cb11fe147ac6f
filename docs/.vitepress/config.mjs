import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { defineConfig } from "vitepress";

const repository = "https://github.com/meterglot/meterglot";

/** Pages link to files of the repository by relative paths, so that they work there too; on the site these lead to the repository. */
function linksToRepository(markdown) {
  const render = markdown.renderer.rules.link_open ?? ((tokens, index, options, _env, self) => self.renderToken(tokens, index, options));
  markdown.renderer.rules.link_open = (tokens, index, options, env, self) => {
    const target = tokens[index].attrGet("href") ?? "";
    const path = join("docs", dirname(env.relativePath ?? ""), target);
    if (target.startsWith("..") && !path.startsWith("docs")) {
      tokens[index].attrSet("href", `${repository}/blob/main/${path}`);
      tokens[index].attrSet("target", "_blank");
    }
    return render(tokens, index, options, env, self);
  };
}

/** The page of each provider, under its heading. */
const pages = new URL("../providers/", import.meta.url);
const providers = readdirSync(pages).map((file) => ({
  text: readFileSync(new URL(file, pages), "utf8").match(/^# (.*)$/m)?.[1] ?? file,
  link: `/providers/${file.replace(/\.md$/, "")}`,
}));

export default defineConfig({
  title: "Meterglot",
  description: "Reads the usage and billing replies of cloud providers into one exact usage model.",
  srcExclude: ["node_modules/**"],
  outDir: "../target/docs",
  cacheDir: "../target/docs-cache",
  cleanUrls: true,
  lastUpdated: false,
  // A link that leads nowhere fails the build.
  ignoreDeadLinks: [/^(\.\/)?\.\.\//, /^\/rust\//],
  markdown: { config: (markdown) => markdown.use(linksToRepository) },
  themeConfig: {
    nav: [
      { text: "Guide", link: "/recipes" },
      { text: "Reference", link: "/reference/" },
      { text: "Rust", link: "/rust/meterglot/index.html", target: "_self" },
    ],
    sidebar: [
      {
        text: "Guide",
        items: [
          { text: "Recipes", link: "/recipes" },
          { text: "Bundlers and runtimes", link: "/BUNDLERS" },
          { text: "Sources", link: "/SOURCES" },
          { text: "Format descriptors", link: "/DESCRIPTORS" },
          { text: "Edge worker", link: "/EDGE" },
          { text: "Troubleshooting", link: "/troubleshooting" },
          { text: "Questions", link: "/faq" },
          { text: "Versions", link: "/versioning" },
        ],
      },
      {
        text: "Providers",
        items: providers,
      },
      {
        text: "How it works",
        items: [
          { text: "Rules of the model", link: "/design" },
          { text: "Formats", link: "/formats" },
          { text: "Architecture", link: "/ARCHITECTURE" },
          { text: "Performance", link: "/PERFORMANCE" },
        ],
      },
      { text: "Reference", items: [{ text: "TypeScript", link: "/reference/" }] },
    ],
    search: { provider: "local" },
    socialLinks: [{ icon: "github", link: repository }],
    editLink: { pattern: `${repository}/edit/main/docs/:path` },
  },
});
