// Which colours are used: chosen by hand, or the system's. public/theme.js applies the same rule before the first paint.

export const THEMES = ['light', 'dark', 'system'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'theme';
const dark = () => window.matchMedia('(prefers-color-scheme: dark)');

export function chosenTheme(): Theme {
  try {
    const kept = localStorage.getItem(KEY);
    return THEMES.find((theme) => theme === kept) ?? 'system';
  } catch {
    return 'system';
  }
}

export function applyTheme(theme: Theme): void {
  const shown = theme === 'system' ? (dark().matches ? 'dark' : 'light') : theme;
  document.documentElement.dataset.theme = shown;
}

export function chooseTheme(theme: Theme): void {
  applyTheme(theme);
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the tab.
  }
}

/** Follow the system while nothing else is chosen; returns how to stop. */
export function followSystem(): () => void {
  const query = dark();
  const follow = () => applyTheme(chosenTheme());
  query.addEventListener('change', follow);
  return () => query.removeEventListener('change', follow);
}
