import { ExternalLink, FileDown, FileText } from 'lucide-react';
import type { EvidenceDocument } from '@/api/schema';
import { Hash } from '../hash';

const LINK = 'why inline-flex min-h-6 items-center gap-1.5';

/** The ways to the stored text and to the bytes as they came, each under its hash. */
export function Artifacts({
  document,
}: {
  document: Pick<EvidenceDocument, 'id' | 'raw_sha256' | 'normalized_sha256' | 'url'>;
}) {
  const address = `/api/v1/documents/${document.id}`;
  return (
    <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-xs">
      {document.normalized_sha256 !== null && (
        <a href={`${address}/text`} target="_blank" rel="noopener" className={LINK}>
          <FileText aria-hidden className="size-3.5" />
          Stored text
        </a>
      )}
      <a href={`${address}/raw`} className={LINK}>
        <FileDown aria-hidden className="size-3.5" />
        Raw bytes
      </a>
      <span className="inline-flex items-center gap-1 text-faint">
        sha256 <Hash value={document.raw_sha256} label="sha256 of the raw bytes" />
      </span>
      {document.url !== null && /^https?:/.test(document.url) && (
        <a href={document.url} target="_blank" rel="noopener noreferrer" className={LINK}>
          <ExternalLink aria-hidden className="size-3.5" />
          Original
        </a>
      )}
    </p>
  );
}
