-- name: recall
-- Ask for orders that have not ended to be taken back; the first reason stays; by primary key.
UPDATE orders SET cancel_requested = coalesce(cancel_requested, :reason), updated_at = :now
WHERE id = ANY (:ids::uuid[]) AND status NOT IN ('denied', 'filled', 'canceled', 'expired', 'rejected', 'replaced');
