import { useQuery } from '@tanstack/react-query';
import { createFileRoute } from '@tanstack/react-router';
import { document } from '@/api/questions';
import type { DocumentDetail } from '@/api/schema';
import { percent } from '@/format/number';
import { documentTone, statusWords } from '@/lexicon/statuses';
import { lower, plain } from '@/lexicon/words';
import { Artifacts } from '@/widgets/evidence/artifacts';
import { FigureList } from '@/widgets/figures';
import { Instant } from '@/widgets/instant';
import { Page } from '@/widgets/page';
import { Panel } from '@/widgets/panel';
import { Tag } from '@/widgets/tag';
import { Whole } from '@/widgets/whole';
import { Readings } from './-readings';
import { Signals } from './-signals';

export const Route = createFileRoute('/documents/$id')({
  loader: ({ context, params }) => void context.cache.prefetchQuery(document(params.id)),
  component: DocumentPage,
});

function DocumentPage() {
  const { id } = Route.useParams();
  const query = useQuery(document(id));
  const row = query.data?.document;
  return (
    <Page
      title={row?.title || 'Document'}
      tab="Document"
      {...(row ? { lead: `${row.publisher}, ${plain(row.document_type).toLowerCase()}` } : {})}
    >
      <Whole query={query} title="Document">
        {(detail) => <Detail detail={detail} />}
      </Whole>
    </Page>
  );
}

function Detail({ detail }: { detail: DocumentDetail }) {
  return (
    <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <div className="flex min-w-0 flex-col gap-4">
        <Readings readings={detail.intelligence} />
        <Signals signals={detail.signals} />
      </div>
      <Facts detail={detail} />
    </div>
  );
}

function Facts({ detail }: { detail: DocumentDetail }) {
  const { document: row, raw_sha256, normalized_sha256, mentions, flags } = detail;
  return (
    <Panel
      title="On record"
      note={
        <Tag tone={documentTone(row.status)}>
          {statusWords(row.status)}
          {row.status_reason !== null && `: ${lower(plain(row.status_reason))}`}
        </Tag>
      }
    >
      <FigureList
        figures={[
          { label: 'Published', value: <Instant at={row.published_at} form="full" /> },
          {
            label: 'Known',
            note: 'when this system first had it',
            value: <Instant at={row.known_at} form="full" />,
          },
          { label: 'In this state since', value: <Instant at={detail.status_at} form="full" /> },
          { label: 'Source', value: row.source },
          { label: 'Revision', value: `${row.revision}, ${row.action}` },
          { label: 'Language', value: row.language ?? '–' },
          { label: 'Quality', value: row.quality === null ? '–' : percent(row.quality, 0) },
          { label: 'Companies named', value: mentions.length === 0 ? 'none' : row.tickers.join(' ') },
          {
            label: 'Flags',
            value: flags.length === 0 ? 'none' : flags.map((flag) => plain(flag)).join(', '),
          },
        ]}
      />
      <div className="mt-3 border-line border-t pt-3">
        <Artifacts document={{ id: row.id, raw_sha256, normalized_sha256, url: row.url }} />
      </div>
    </Panel>
  );
}
