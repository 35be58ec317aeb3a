-- name: recall
-- Ask for orders that have not ended to be taken back; the first reason stays, and
-- asking again does not count as a move; by primary key.
UPDATE orders
SET cancel_requested = coalesce(cancel_requested, :reason),
    updated_at = CASE WHEN cancel_requested IS NULL THEN :now ELSE updated_at END
WHERE id = ANY (:ids::uuid[]) AND status NOT IN ('denied', 'filled', 'canceled', 'expired', 'rejected', 'replaced');
