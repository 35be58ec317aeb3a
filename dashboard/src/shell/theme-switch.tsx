import { Monitor, Moon, Sun } from 'lucide-react';
import { useEffect, useState } from 'react';
import { chooseTheme, chosenTheme, followSystem, THEMES, type Theme } from './theme';

const FACES = {
  light: { icon: Sun, words: 'Light' },
  dark: { icon: Moon, words: 'Dark' },
  system: { icon: Monitor, words: 'As the system' },
} as const;

export function ThemeSwitch() {
  const [theme, setTheme] = useState<Theme>(chosenTheme);
  useEffect(followSystem, []);
  const choose = (next: Theme) => {
    chooseTheme(next);
    setTheme(next);
  };
  return (
    <fieldset className="flex rounded-lg bg-sunken p-0.5 md:max-lg:flex-col">
      <legend className="sr-only">Theme</legend>
      {THEMES.map((value) => {
        const { icon: Icon, words } = FACES[value];
        return (
          <label
            key={value}
            title={words}
            className="grid h-7 flex-1 cursor-pointer place-items-center rounded-md text-muted hover:text-ink has-checked:bg-surface has-checked:text-ink has-checked:shadow-panel has-focus-visible:outline-2 has-focus-visible:outline-accent md:max-lg:flex-none"
          >
            <input
              type="radio"
              name="theme"
              value={value}
              checked={theme === value}
              onChange={() => choose(value)}
              className="sr-only"
            />
            <Icon aria-hidden className="size-3.5" />
            <span className="sr-only">{words}</span>
          </label>
        );
      })}
    </fieldset>
  );
}
