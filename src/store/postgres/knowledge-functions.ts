/**
 * What changes the documents that are found, as functions in the database: one round trip and one commit each. All
 * lock knowledge_state before anything else, by raising its version, so no two of them deadlock, and replicas see the
 * versions in the order of the commits: whoever sees a version sees all that is older.
 */

const RAISE_KNOWLEDGE = `
CREATE FUNCTION raise_knowledge() RETURNS bigint LANGUAGE sql AS $$
  INSERT INTO knowledge_state AS s (id, version) VALUES (1, 1)
  ON CONFLICT (id) DO UPDATE SET version = s.version + 1 RETURNING version
$$;
`;

/** Stores a document with its sections. Returns a PutOutcome, and the new version if there is one. */
const PUT_DOCUMENT = `
CREATE FUNCTION put_document(
  p_source bigint, p_uri text, p_title text, p_folded text, p_lang text, p_etag text, p_modified text, p_hash text,
  p_headings text[], p_anchors text[], p_texts text[], p_words integer, p_at bigint, p_original text, p_most integer,
  OUT outcome text, OUT raised bigint
) LANGUAGE plpgsql AS $$
DECLARE
  known knowledge_documents%ROWTYPE;
  added integer := cardinality(p_texts);
  stored bigint;
BEGIN
  PERFORM FROM knowledge_sources WHERE id = p_source AND is_removed = 0;
  IF NOT FOUND THEN outcome := 'gone'; RETURN; END IF;
  UPDATE knowledge_documents SET source_id = p_source, etag = p_etag, last_modified = p_modified,
    checked_at = p_at, misses = 0, reason = NULL
  WHERE uri = p_uri AND sections > 0 AND hash = p_hash AND title = p_title AND lang IS NOT DISTINCT FROM p_lang;
  IF FOUND THEN outcome := 'unchanged'; RETURN; END IF;

  raised := raise_knowledge();
  PERFORM FROM knowledge_sources WHERE id = p_source AND is_removed = 0 FOR SHARE;
  IF NOT FOUND THEN outcome := 'gone'; RETURN; END IF;
  SELECT * INTO known FROM knowledge_documents AS d WHERE d.uri = p_uri;
  IF (SELECT coalesce(sum(d.sections), 0) FROM knowledge_documents AS d) - coalesce(known.sections, 0) + added > p_most
  THEN outcome := 'full'; RETURN; END IF;
  INSERT INTO knowledge_documents AS d (source_id, uri, title, folded, lang, status, etag, last_modified, hash,
    sections, words, misses, checked_at, changed_at, original, version)
  VALUES (p_source, p_uri, p_title, p_folded, p_lang, 'ok', p_etag, p_modified, p_hash, added, p_words, 0, p_at,
    p_at, p_original, raised)
  ON CONFLICT (uri) DO UPDATE SET source_id = p_source, title = p_title, folded = p_folded, lang = p_lang,
    status = CASE WHEN d.status = 'off' THEN 'off' ELSE 'ok' END, reason = NULL, etag = p_etag,
    last_modified = p_modified, hash = p_hash, sections = added, words = p_words, misses = 0, checked_at = p_at,
    changed_at = p_at, original = p_original, version = excluded.version
  RETURNING d.id INTO stored;
  DELETE FROM knowledge_sections WHERE document_id = stored;
  INSERT INTO knowledge_sections (document_id, position, heading, anchor, text)
  SELECT stored, s.place - 1, s.heading, s.anchor, s.text
  FROM unnest(p_headings, p_anchors, p_texts) WITH ORDINALITY AS s (heading, anchor, text, place) ORDER BY s.place;
  outcome := 'stored';
END $$;
`;

/** Returns the version, or NULL when there was no such document. */
const REMOVE_DOCUMENT = `
CREATE FUNCTION remove_document(p_id bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  raised bigint := raise_knowledge();
BEGIN
  DELETE FROM knowledge_sections WHERE document_id = p_id;
  DELETE FROM knowledge_documents WHERE id = p_id;
  IF NOT FOUND THEN RETURN NULL; END IF;
  RETURN raised;
END $$;
`;

/** Returns the version, or NULL when there is no such document. */
const SWITCH_DOCUMENT = `
CREATE FUNCTION switch_document(p_id bigint, p_is_off boolean) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  raised bigint := raise_knowledge();
BEGIN
  PERFORM FROM knowledge_documents WHERE id = p_id;
  IF NOT FOUND THEN RETURN NULL; END IF;
  UPDATE knowledge_documents SET version = raised, status = CASE
    WHEN p_is_off THEN 'off' WHEN sections > 0 THEN 'ok' ELSE 'empty' END
  WHERE id = p_id AND (status = 'off') <> p_is_off;
  RETURN raised;
END $$;
`;

/** Takes a source from everybody. Returns the version, or NULL when there was no such source. */
const REMOVE_SOURCE = `
CREATE FUNCTION remove_source(p_id bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  raised bigint := raise_knowledge();
BEGIN
  UPDATE knowledge_sources SET is_removed = 1 WHERE id = p_id AND is_removed = 0;
  IF NOT FOUND THEN RETURN NULL; END IF;
  RETURN raised;
END $$;
`;

/** Deletes some documents of a source that was removed, then the source. Returns whether there was one. */
const DELETE_REMOVED = `
CREATE FUNCTION delete_removed(p_documents integer) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  removed bigint;
  doomed bigint[];
BEGIN
  PERFORM FROM knowledge_sources WHERE is_removed = 1;
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM raise_knowledge();
  SELECT id INTO removed FROM knowledge_sources WHERE is_removed = 1 ORDER BY id LIMIT 1;
  IF NOT FOUND THEN RETURN false; END IF;
  doomed := ARRAY (SELECT id FROM knowledge_documents WHERE source_id = removed LIMIT p_documents);
  DELETE FROM knowledge_sections WHERE document_id = ANY (doomed);
  DELETE FROM knowledge_documents WHERE id = ANY (doomed);
  IF cardinality(doomed) < p_documents THEN DELETE FROM knowledge_sources WHERE id = removed; END IF;
  RETURN true;
END $$;
`;

export const KNOWLEDGE_FUNCTIONS = [
  RAISE_KNOWLEDGE,
  PUT_DOCUMENT,
  REMOVE_DOCUMENT,
  SWITCH_DOCUMENT,
  REMOVE_SOURCE,
  DELETE_REMOVED,
].join("");
