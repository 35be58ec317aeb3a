// Codes of the API in words. A code that is not here is shown as it stands, underscores made spaces.

export function plain(code: string): string {
  const text = code.replaceAll('_', ' ').toLowerCase().trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

const WINDOWS: Record<string, string> = {
  intraday: 'Intraday',
  '1d': '1 day',
  '7d': '7 days',
  '30d': '30 days',
  '90d': '90 days',
};

export function windowWords(window: string): string {
  return WINDOWS[window] ?? plain(window);
}

const ACTIONS: Record<string, string> = { buy: 'Buy', sell: 'Sell', hold: 'Hold', watch: 'Watch' };

export function actionWords(action: string): string {
  return ACTIONS[action] ?? plain(action);
}

const STAGES: Record<string, string> = {
  lake_publisher: 'Lake publisher',
  macro_classification: 'Macro classification',
  broker_orders: 'Broker orders',
  lake_publish: 'Lake publish',
};

export function stageWords(stage: string): string {
  return STAGES[stage] ?? plain(stage);
}

const EVENTS: Record<string, string> = {
  m_and_a_target: 'Takeover target',
  m_and_a_acquirer: 'Acquirer',
  fda_clinical_pos: 'Clinical success',
  fda_clinical_neg: 'Clinical setback',
  litigation_regulatory: 'Litigation or regulation',
  macro_link: 'Macro link',
  debt_rating: 'Credit rating',
  rating_up: 'Analyst upgrade',
  rating_down: 'Analyst downgrade',
  cyber: 'Cyber incident',
};

export function eventWords(event: string): string {
  return EVENTS[event] ?? plain(event);
}
