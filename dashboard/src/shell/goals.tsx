import type { UseNavigateResult } from '@tanstack/react-router';
import { Building2, type LucideIcon, Newspaper, Scale } from 'lucide-react';
import type { ReactNode } from 'react';
import type { SearchResult } from '@/api/schema';
import { windowWords } from '@/lexicon/words';
import { Advice } from '@/widgets/advice';
import { Instant } from '@/widgets/instant';
import { PLACES } from './places';

type Navigate = UseNavigateResult<string>;

export interface Goal {
  key: string;
  go: (navigate: Navigate) => Promise<void>;
  icon: LucideIcon;
  name: ReactNode;
  aside: ReactNode;
}

export interface Goals {
  heading: string;
  goals: Goal[];
}

/** Where the words may lead, by kind; kinds without any are left out. */
export function goals(words: string, found: SearchResult | undefined): Goals[] {
  const kinds: Goals[] = [
    { heading: 'Pages', goals: pages(words) },
    { heading: 'Companies', goals: found?.companies.map(company) ?? [] },
    { heading: 'Recommendations', goals: found?.recommendations.map(recommendation) ?? [] },
    { heading: 'Documents', goals: found?.documents.map(document) ?? [] },
  ];
  return kinds.filter((kind) => kind.goals.length > 0);
}

function pages(words: string): Goal[] {
  return PLACES.filter(({ name }) => name.toLowerCase().includes(words.toLowerCase())).map(
    ({ to, name, key, icon }) => ({
      key: to,
      go: (navigate) => navigate({ to }),
      icon,
      name,
      aside: <kbd className="font-mono">g {key}</kbd>,
    }),
  );
}

function company({ ticker, name }: SearchResult['companies'][number]): Goal {
  const words = (
    <>
      <strong className="font-semibold">{ticker}</strong> {name}
    </>
  );
  const go = (navigate: Navigate) => navigate({ to: '/recommendations', search: { ticker } });
  return { key: `company ${ticker}`, go, icon: Building2, name: words, aside: null };
}

function recommendation(found: SearchResult['recommendations'][number]): Goal {
  const words = (
    <>
      <Advice action={found.action} /> <strong className="font-semibold">{found.ticker}</strong>{' '}
      {windowWords(found.window)}
    </>
  );
  return {
    key: found.id,
    go: (navigate) => navigate({ to: '/recommendations/$id', params: { id: found.id } }),
    icon: Scale,
    name: words,
    aside: <Instant at={found.generated_at} />,
  };
}

function document({ id, title, publisher, known_at }: SearchResult['documents'][number]): Goal {
  const words = (
    <>
      {title} <span className="text-muted">{publisher}</span>
    </>
  );
  const go = (navigate: Navigate) => navigate({ to: '/documents/$id', params: { id } });
  return { key: id, go, icon: Newspaper, name: words, aside: <Instant at={known_at} /> };
}
