// The checks of a recommendation, by the code of the suppression that their failure is.

import { type Meaning, meaning } from './meaning';

export const ELIGIBILITY: Record<string, Meaning> = {
  no_direction: meaning('Clear direction', 'No clear direction', 'score'),
  low_probability: meaning('Cautious probability', 'Low probability', 'share', '≥'),
  thin_edge: meaning('Expected gain after costs', 'Edge too thin', 'share', '≥'),
  low_confidence: meaning('Confidence', 'Low confidence', 'share', '≥'),
  contradictory: meaning('Contradiction', 'Contradictory', 'score', '≤'),
  thin: meaning('Independent stories', 'Thin evidence', 'score', '≥'),
  stale: meaning('Age of the newest report', 'Stale evidence', 'hours', '≤'),
  single_source: meaning('Share of the largest source', 'One source leads', 'share', '≤'),
  layer_conflict: meaning('Layers agree', 'Layers conflict', 'score'),
  low_quality: meaning('Quality of the reports', 'Low quality', 'score', '≥'),
  unverified: meaning('Quotes found in the texts', 'Unverified quotes', 'share', '≥'),
  data_gap: meaning('Age of the prices', 'Prices missing', 'days', '≤'),
  price_already_moved: meaning('Move since the news', 'Price has moved', 'share', '≤'),
  earnings_blackout: meaning('Days to earnings', 'Earnings near', 'days', '>'),
  illiquid: meaning('Dollars traded a day', 'Too little traded', 'dollars', '≥'),
  halted: meaning('Not halted', 'Trading halted'),
  duplicate: meaning('Not said before', 'Said already', 'hours'),
  calibration_degraded: meaning('Probabilities hold', 'Probabilities off', 'score', '≤'),
  model_unreliable: meaning('Answers of the language model', 'Model invents', 'share', '≤'),
  cooldown: meaning('Time since the opposite call', 'Reversed too soon', 'hours', '≥'),
};
