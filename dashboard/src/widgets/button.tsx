import type { ComponentProps } from 'react';

const LOOK =
  'inline-flex h-8 items-center gap-1.5 whitespace-nowrap rounded-lg border border-line-strong bg-surface px-3 ' +
  'font-medium text-ink text-sm hover:bg-hover disabled:cursor-not-allowed disabled:text-faint';

export function Button({ className = '', ...rest }: ComponentProps<'button'>) {
  return <button type="button" className={`${LOOK} ${className}`} {...rest} />;
}
