import { X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { PLACES } from './places';

const ROWS: readonly (readonly [keys: readonly string[], does: string])[] = [
  [['Ctrl', 'K'], 'Search pages, companies, documents, recommendations'],
  ...PLACES.map(({ key, name }) => [['g', key], `Go to ${name}`] as const),
  [['j'], 'Next row'],
  [['k'], 'Row before'],
  [['Enter'], 'Open the row'],
  [['/'], 'Filter this page'],
  [['?'], 'This sheet'],
];

export default function ShortcutSheet({ close }: { close: () => void }) {
  return (
    <Dialog.Root open onOpenChange={close}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-veil" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed top-[12vh] left-1/2 z-50 w-[min(30rem,calc(100vw-2rem))] -translate-x-1/2 rounded-xl border border-line bg-surface p-5 shadow-over"
        >
          <div className="mb-3 flex items-center">
            <Dialog.Title className="font-semibold text-base text-ink">Keyboard</Dialog.Title>
            <Dialog.Close
              aria-label="Close"
              className="ml-auto grid size-7 place-items-center rounded-md text-muted hover:bg-hover"
            >
              <X aria-hidden className="size-4" />
            </Dialog.Close>
          </div>
          <dl className="flex flex-col">
            {ROWS.map(([keys, does]) => (
              <div key={does} className="flex items-center gap-3 border-line border-b py-1.5 last:border-b-0">
                <dt className="flex w-24 shrink-0 gap-1">
                  {keys.map((key) => (
                    <kbd
                      key={key}
                      className="rounded-md border border-line-strong bg-sunken px-1.5 font-mono text-ink text-xs leading-5"
                    >
                      {key}
                    </kbd>
                  ))}
                </dt>
                <dd className="text-muted">{does}</dd>
              </div>
            ))}
          </dl>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
