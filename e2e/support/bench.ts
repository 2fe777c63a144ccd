/** What a person does on the bench, by roles and names. Every deed waits until the page says that it has settled. */
import { type Download, expect, type Locator, type Page } from "@playwright/test";

export type Name = "A" | "B";

const PATIENCE = 60_000;

export class Bench {
  constructor(readonly page: Page) {}

  /** Opens the page with a link's fragment, and waits for all of it, so many milliseconds at most. */
  async open(fragment = "", patience = PATIENCE): Promise<this> {
    await this.page.goto(fragment === "" ? "./" : `./#${fragment}`);
    await this.settled(patience);
    return this;
  }

  /** Nothing is under way any more: workers, timers that hold a change, the address. */
  async settled(patience = PATIENCE): Promise<void> {
    await expect(this.page.locator("html")).toHaveAttribute("data-idle", "true", { timeout: patience });
  }

  recipe(name: Name): Locator {
    return this.page.getByRole("combobox", { name: `Recipe ${name}`, exact: true });
  }

  pane(name: Name): Locator {
    return this.page.getByRole("region", { name: `Recipe ${name}`, exact: true });
  }

  control(name: string): Locator {
    return this.page.getByLabel(name, { exact: true });
  }

  async type(name: Name, text: string): Promise<void> {
    await this.recipe(name).fill(text);
    await this.recipe(name).press("Escape");
    await this.settled();
  }

  async choose(control: string, value: string | { index: number }): Promise<void> {
    await this.control(control).selectOption(value);
    await this.settled();
  }

  /** A figure as the table of metrics shows it, without the tick of the better one. */
  async figure(metric: string, name: Name): Promise<string> {
    const text = await this.page.locator(`[data-metric="${metric}-${name.toLowerCase()}"]`).textContent();
    return (text ?? "").replace("better:", "").trim();
  }

  /** All figures of the table, as one text to compare. */
  async figures(): Promise<string | null> {
    await this.settled();
    return this.page.getByRole("table", { name: /^Metrics of A and B/ }).textContent();
  }

  get inspector(): Locator {
    return this.page.getByRole("region", { name: "Inspector" });
  }

  get tree(): Locator {
    return this.page.getByRole("tree", { name: "Tensors" });
  }

  tensor(name: string): Locator {
    return this.tree.getByRole("treeitem").filter({ hasText: name }).first();
  }

  get heading(): Locator {
    return this.page.getByRole("heading", { level: 2 }).first();
  }

  get map(): Locator {
    return this.page.getByRole("application", { name: /^Error map/ });
  }

  /** Chooses from one of the header's menus. */
  async menu(menu: RegExp, item: string | RegExp): Promise<void> {
    await this.page.getByRole("button", { name: menu }).click();
    await this.page.getByRole("menuitem", { name: item }).click();
  }

  /** Exports by the menu; `count` files are waited for. */
  async exported(item: string, count = 1): Promise<Download[]> {
    const downloads: Download[] = [];
    const all = new Promise<void>((resolve) => {
      const listen = (download: Download) => {
        downloads.push(download);
        if (downloads.length < count) return;
        this.page.off("download", listen);
        resolve();
      };
      this.page.on("download", listen);
    });
    await this.menu(/^Export$/, item);
    await all;
    await this.settled();
    return downloads;
  }

  /** The link of the experiment, through the dialog and the clipboard. */
  async copyLink(): Promise<string> {
    await this.page.getByRole("button", { name: /^(Share|Copy a link)/ }).click();
    const dialog = this.page.getByRole("dialog", { name: "Link to this experiment" });
    await dialog.getByRole("button", { name: "Copy link" }).click();
    await expect(dialog.getByRole("button", { name: "Copied" })).toBeVisible();
    const link = await this.page.evaluate(() => navigator.clipboard.readText());
    await this.page.keyboard.press("Escape");
    await expect(dialog).toHaveCount(0);
    return link;
  }

  message(text: string | RegExp): Locator {
    return this.page.getByRole("region", { name: "Messages" }).getByText(text);
  }

  async chooseFiles(button: Locator, paths: string[]): Promise<void> {
    const chooser = this.page.waitForEvent("filechooser");
    await button.click();
    await (await chooser).setFiles(paths);
    await this.settled();
  }

  /** Drops files or folders from the disk, as the system's own drag and drop does. */
  async drop(...paths: string[]): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    const invitation = this.page.getByText("Drop files or a folder to open them");
    const drag = (type: "dragEnter" | "dragOver" | "drop") =>
      session.send("Input.dispatchDragEvent", {
        ...{ type, x: 700, y: 400 },
        data: { items: [], files: paths, dragOperationsMask: 1 },
      });
    await drag("dragEnter");
    // The browser lets go of a drop that comes before the page has answered a drag over it.
    await expect(async () => {
      await drag("dragOver");
      await expect(invitation).toBeVisible({ timeout: 1000 });
    }).toPass();
    await expect(async () => {
      await drag("dragOver");
      await this.page.evaluate(() => new Promise(requestAnimationFrame));
      await drag("drop");
      await expect(invitation).toHaveCount(0, { timeout: 1000 });
    }).toPass();
    await session.detach();
    await this.settled();
  }
}
