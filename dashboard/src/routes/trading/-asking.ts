import { useState } from 'react';

interface Asking<Answer> {
  pending: boolean;
  answer: Answer | null;
  error: unknown;
}

/** A command and what came of it; only the newest counts. */
export function useAsking<Wish, Answer>(
  ask: (wish: Wish) => Promise<Answer>,
  after: (done: boolean) => void,
) {
  const [state, setState] = useState<Asking<Answer>>({ pending: false, answer: null, error: null });
  const give = (wish: Wish) => {
    setState({ pending: true, answer: null, error: null });
    ask(wish).then(
      (answer) => {
        setState({ pending: false, answer, error: null });
        after(true);
      },
      (error: unknown) => {
        setState({ pending: false, answer: null, error });
        after(false);
      },
    );
  };
  return { ...state, give };
}
