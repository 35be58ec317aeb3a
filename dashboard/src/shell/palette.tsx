import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Command } from 'cmdk';
import { Search } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { search } from '@/api/questions';
import { type Goal, goals } from './goals';

/** One field that leads anywhere: pages by name, everything else by the API's search. */
export default function Palette({ close }: { close: () => void }) {
  const navigate = useNavigate();
  const [words, setWords] = useState('');
  const [chosen, setChosen] = useState('');
  const wanted = useDeferredValue(words.trim());
  const found = useQuery(search(wanted)).data;
  const groups = goals(wanted, wanted === '' ? undefined : found);
  const keys = groups.flatMap((group) => group.goals.map(({ key }) => key));
  const leave = ({ go }: Goal) => {
    close();
    void go(navigate);
  };
  return (
    <Command.Dialog
      open
      onOpenChange={close}
      label="Go to"
      shouldFilter={false}
      loop
      // What is found changes while one types: the first is chosen whenever the chosen one is gone.
      value={keys.includes(chosen) ? chosen : (keys[0] ?? '')}
      onValueChange={setChosen}
      overlayClassName="fixed inset-0 z-40 bg-veil"
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
        {groups.map(({ heading, goals: members }) => (
          <Command.Group
            key={heading}
            heading={heading}
            className="[&>[cmdk-group-heading]]:px-3 [&>[cmdk-group-heading]]:py-1.5 [&>[cmdk-group-heading]]:font-medium [&>[cmdk-group-heading]]:text-faint [&>[cmdk-group-heading]]:text-xs"
          >
            {members.map((goal) => (
              <Item key={goal.key} goal={goal} select={() => leave(goal)} />
            ))}
          </Command.Group>
        ))}
      </Command.List>
    </Command.Dialog>
  );
}

function Item({ goal: { key, icon: Icon, name, aside }, select }: { goal: Goal; select: () => void }) {
  return (
    <Command.Item
      value={key}
      onSelect={select}
      className="flex min-h-9 cursor-pointer items-center gap-2.5 rounded-lg px-3 text-ink data-[selected=true]:bg-accent-soft"
    >
      <Icon aria-hidden className="size-4 shrink-0 text-faint" />
      <span className="min-w-0 flex-1 truncate">{name}</span>
      {aside !== null && <span className="shrink-0 text-muted text-xs">{aside}</span>}
    </Command.Item>
  );
}
