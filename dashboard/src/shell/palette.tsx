import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Command } from 'cmdk';
import { Building2, type LucideIcon, Newspaper, Search } from 'lucide-react';
import { type ReactNode, useDeferredValue, useState } from 'react';
import { search } from '@/api/questions';
import { windowWords } from '@/lexicon/words';
import { Advice } from '@/widgets/advice';
import { Instant } from '@/widgets/instant';
import { PLACES } from './places';

/** One field that leads anywhere: pages by name, everything else by the API's search. */
export default function Palette({ close }: { close: () => void }) {
  const navigate = useNavigate();
  const [words, setWords] = useState('');
  const wanted = useDeferredValue(words.trim());
  const found = useQuery(search(wanted)).data;
  const then = (leave: () => Promise<void>) => () => {
    close();
    void leave();
  };
  const pages = PLACES.filter(({ name }) => name.toLowerCase().includes(wanted.toLowerCase()));
  const shown = wanted === '' ? undefined : found;
  return (
    <Command.Dialog
      open
      onOpenChange={close}
      label="Go to"
      shouldFilter={false}
      loop
      overlayClassName="fixed inset-0 z-40 bg-black/40"
      contentClassName="fixed top-[10vh] left-1/2 z-50 w-[min(38rem,calc(100vw-2rem))] -translate-x-1/2 overflow-clip rounded-xl border border-line bg-surface shadow-over"
    >
      <div className="flex items-center gap-2.5 border-line border-b px-4">
        <Search aria-hidden className="size-4 text-faint" />
        <Command.Input
          value={words}
          onValueChange={setWords}
          maxLength={100}
          placeholder="Page, ticker, company or words of a title"
          className="h-12 flex-1 bg-transparent text-base text-ink outline-none placeholder:text-faint"
        />
      </div>
      <Command.List className="max-h-[60vh] overflow-y-auto p-2">
        <Command.Empty className="px-3 py-8 text-center text-muted">Nothing is called that.</Command.Empty>
        <Group heading="Pages">
          {pages.map(({ to, name, icon }) => (
            <Item key={to} value={to} icon={icon} select={then(() => navigate({ to }))}>
              {name}
            </Item>
          ))}
        </Group>
        <Group heading="Companies">
          {shown?.companies.map(({ ticker, name }) => (
            <Item
              key={ticker}
              value={`company ${ticker}`}
              icon={Building2}
              select={then(() => navigate({ to: '/recommendations', search: { ticker } }))}
            >
              <strong className="font-semibold">{ticker}</strong> {name}
            </Item>
          ))}
        </Group>
        <Group heading="Recommendations">
          {shown?.recommendations.map(({ id, ticker, window, action, generated_at }) => (
            <Item
              key={id}
              value={id}
              select={then(() => navigate({ to: '/recommendations/$id', params: { id } }))}
              aside={<Instant at={generated_at} />}
            >
              <Advice action={action} /> <strong className="font-semibold">{ticker}</strong>{' '}
              {windowWords(window)}
            </Item>
          ))}
        </Group>
        <Group heading="Documents">
          {shown?.documents.map(({ id, title, publisher, known_at }) => (
            <Item
              key={id}
              value={id}
              icon={Newspaper}
              select={then(() => navigate({ to: '/documents/$id', params: { id } }))}
              aside={<Instant at={known_at} />}
            >
              {title} <span className="text-muted">{publisher}</span>
            </Item>
          ))}
        </Group>
      </Command.List>
    </Command.Dialog>
  );
}

function Group({ heading, children }: { heading: string; children: ReactNode[] | undefined }) {
  if (!children?.length) return null;
  return (
    <Command.Group
      heading={heading}
      className="[&>[cmdk-group-heading]]:px-3 [&>[cmdk-group-heading]]:py-1.5 [&>[cmdk-group-heading]]:font-medium [&>[cmdk-group-heading]]:text-faint [&>[cmdk-group-heading]]:text-xs"
    >
      {children}
    </Command.Group>
  );
}

interface ItemProps {
  value: string;
  icon?: LucideIcon;
  select: () => void;
  aside?: ReactNode;
  children: ReactNode;
}

function Item({ value, icon: Icon, select, aside, children }: ItemProps) {
  return (
    <Command.Item
      value={value}
      onSelect={select}
      className="flex min-h-9 cursor-pointer items-center gap-2.5 rounded-lg px-3 text-ink data-[selected=true]:bg-accent-soft"
    >
      {Icon && <Icon aria-hidden className="size-4 shrink-0 text-faint" />}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {aside && <span className="text-muted text-xs">{aside}</span>}
    </Command.Item>
  );
}
