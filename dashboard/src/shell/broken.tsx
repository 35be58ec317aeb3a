import { type ErrorComponentProps, Link } from '@tanstack/react-router';
import { Page } from '@/widgets/page';
import { Panel } from '@/widgets/panel';
import { Empty, Failed } from '@/widgets/states';

/** A page that failed to draw itself, inside the shell. */
export function Broken({ error, reset }: ErrorComponentProps) {
  return (
    <Page title="This page broke">
      <Panel title="What happened">
        <Failed error={error} retry={reset} />
      </Panel>
    </Page>
  );
}

export function Nowhere() {
  const back = (
    <Link to="/pipeline" className="why">
      Go to the pipeline
    </Link>
  );
  return (
    <Page title="Nothing here">
      <Panel title="No page has this address">
        <Empty why="The link may be of another version, or was cut short." action={back} />
      </Panel>
    </Page>
  );
}
