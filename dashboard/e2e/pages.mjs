// Opens every page of a running API in both themes and two widths, and says what is wrong with it:
//   node e2e/pages.mjs http://127.0.0.1:8787 [--corners] [directory for screenshots]
// With --corners only light and wide, dark and narrow: half the time, nearly all that can be wrong.
// A page is wrong that has an axe violation, a console error, a request that leaves loopback, or that is wider than
// its window. The last line is one JSON object; the exit code is 1 where anything was wrong.

import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { journeys } from './journeys.mjs';

const words = process.argv.slice(2);
const corners = words.includes('--corners');
const [address, shots] = words.filter((word) => word !== '--corners');
if (!address) throw new Error('usage: node e2e/pages.mjs ADDRESS [--corners] [DIRECTORY]');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const SIZES = { wide: { width: 1360, height: 900 }, narrow: { width: 390, height: 844 } };
const CORNERS = { wide: 'light', narrow: 'dark' };
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'];
const QUIET = ['--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'];
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

async function first(path, pick = () => true) {
  const answer = await fetch(new URL(path, address));
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return (await answer.json()).items.find(pick);
}

/** Every page by name; those of one thing are of a thing that has much to show. */
async function pages() {
  const acted = await first('/api/v1/recommendations?verdict=act&limit=50');
  const held = await first('/api/v1/recommendations?suppressed=true&limit=50');
  const skipped = await first('/api/v1/decisions?verdict=skip&limit=50');
  const order = await first('/api/v1/orders?limit=50', (row) => row.status === 'filled');
  const document = await first('/api/v1/documents?status=extracted&limit=50');
  return Object.entries({
    pipeline: '/pipeline',
    recommendations: '/recommendations',
    recommendation: acted && `/recommendations/${acted.id}`,
    'recommendation-held': held && `/recommendations/${held.id}`,
    trading: '/trading',
    orders: order && `/trading?tab=orders&order=${order.id}`,
    decisions: '/trading?tab=decisions',
    controls: '/trading?tab=controls',
    decision: skipped && `/trading/decisions/${skipped.id}`,
    documents: '/documents',
    document: document && `/documents/${document.id}`,
    nowhere: '/nowhere',
  }).filter(([, path]) => path);
}

function watch(page, wrong) {
  page.on('console', (message) => {
    if (message.type() === 'error') wrong(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => wrong(`thrown: ${error.message}`));
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith('http') && !LOOPBACK.has(hostname)) wrong(`left loopback: ${request.url()}`);
  });
}

/** A page is there when its heading is and no skeleton is left. */
async function settled(page) {
  await page.locator('h1').waitFor();
  await page.waitForFunction(() => !document.querySelector('main [role=status][aria-label^=Loading]'));
  await page.evaluate(() => document.fonts.ready);
}

/** Tables wider than the panel that holds them: what is beyond its edge cannot be seen. */
function clipped() {
  const panels = [...document.querySelectorAll('main section')].filter(
    (one) => one.scrollWidth > one.clientWidth + 1,
  );
  return panels.map(
    (one) => `${one.querySelector('h2')?.textContent} (${one.scrollWidth} in ${one.clientWidth})`,
  );
}

async function look(page, name, wrong) {
  const { violations } = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags }), TAGS);
  for (const { id, nodes } of violations) {
    const where = nodes.map((node) => node.html.slice(0, 160)).slice(0, 3);
    wrong(`axe ${id}: ${where.join(' | ')}`);
  }
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (over > 0) wrong(`${over} px wider than its window`);
  for (const table of await page.evaluate(clipped)) wrong(`a table is cut off: ${table}`);
  if (shots) await page.screenshot({ path: `${shots}/${name}.png` });
}

/** One page, loaded once and looked at in both themes and widths. */
async function visit(page, name, path, wrong) {
  await page.setViewportSize(SIZES.wide);
  await page.goto(new URL(path, address).href);
  await settled(page);
  await page.evaluate(AXE);
  let views = 0;
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of corners ? [CORNERS[size]] : ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      await page.waitForFunction((theme) => document.documentElement.dataset.theme === theme, colorScheme);
      await page.waitForTimeout(100);
      await look(page, `${name}-${colorScheme}-${size}`, (what) => wrong(`${colorScheme}, ${size}: ${what}`));
      views += 1;
    }
  }
  return views;
}

async function main() {
  if (shots) mkdirSync(shots, { recursive: true });
  const problems = [];
  let views = 0;
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: [...FLAGS, ...QUIET] });
  try {
    const context = await browser.newContext({ viewport: SIZES.wide, reducedMotion: 'reduce' });
    const page = await context.newPage();
    let where = '';
    const wrong = (what) => problems.push(`${where}: ${what}`);
    watch(page, wrong);
    for (const [name, path] of await pages()) {
      where = name;
      views += await visit(page, name, path, wrong);
    }
    where = 'journey';
    await page.setViewportSize(SIZES.wide);
    for (const problem of await journeys(page, address, settled, shots)) wrong(problem);
  } finally {
    await browser.close();
  }
  for (const problem of problems) console.error(problem);
  console.log(JSON.stringify({ views, problems: problems.length }));
  process.exitCode = problems.length > 0 ? 1 : 0;
}

await main();
