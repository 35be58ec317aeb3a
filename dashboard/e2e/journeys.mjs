// What a person does with the keyboard alone, from the first page down to a sentence; returns what did not work.

export async function journeys(page, address, settled, shots) {
  const problems = [];
  const expect = (what, truth) => truth || problems.push(what);
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');
  const path = () => new URL(page.url()).pathname;

  await page.goto(address);
  await settled(page);
  expect('/ leads to the pipeline', path() === '/pipeline');
  expect('the mode stands in the title', /^(PAPER|REPLAY|LIVE) · /.test(await page.title()));
  await page.keyboard.press('Tab');
  expect('the first Tab is the skip link', (await focused()) === 'Skip to content');
  const live = page.locator('[data-stream=live]').waitFor({ timeout: 5000 });
  expect(
    'the stream is live',
    await live.then(
      () => true,
      () => false,
    ),
  );

  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await settled(page);
  expect('g r leads to the recommendations', path() === '/recommendations');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/recommendations/*').catch(() => {});
  await settled(page);
  expect('j, j, k, Enter opens a recommendation', /^\/recommendations\/.+/.test(path()));
  expect('it shows its gates or says why not', (await page.getByText(/Gates|gates/).count()) > 0);

  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('AAPL');
  await page.getByRole('option', { name: 'AAPL' }).first().waitFor();
  if (shots) await page.screenshot({ path: `${shots}/palette.png` });
  await page.keyboard.press('Enter');
  await page.waitForURL('**/recommendations?ticker=AAPL').catch(() => {});
  expect('the palette finds a company', page.url().endsWith('?ticker=AAPL'));

  await settled(page);
  await page.keyboard.press('/');
  expect(
    '/ leads to the filter',
    await page.evaluate(() => document.activeElement?.matches('[data-search]')),
  );
  await page.keyboard.press('Escape');
  await page.locator('h1').click();
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  if (shots) await page.screenshot({ path: `${shots}/shortcuts.png` });
  await page.keyboard.press('Escape');

  await page.locator('input[name=theme][value=dark]').check({ force: true });
  await page.reload();
  const theme = await page.evaluate(() => document.documentElement.dataset.theme);
  expect('a chosen theme outlasts a reload', theme === 'dark');
  return problems;
}
