/* control_data - control of BigQuery, Firestore and Cloud Storage. See control.c. */
#include "tests/fakecloud/bq_job.h"
#include "tests/fakecloud/control.h"
#include "tests/fakecloud/firestore.h"
#include "tests/fakecloud/jsn.h"
#include "tests/fakecloud/storage.h"

/* --- storage --- */

void control_objects(const struct control *control)
{
	const GString *body = control->request->body;
	const char *bucket = control_part(control, 2), *name = control_part(control, 3);
	g_autofree char *key = g_strdup_printf("objects/%s", bucket);

	if (control_is_method(control, "PUT")) {
		if (!storage_put(control->cloud, bucket, name, g_bytes_new(body->str, body->len),
				 request_query(control->request, "created"),
				 request_query(control->request, "updated")))
			control_refuse(control, "created or updated is no time");
	} else if (!collection_remove(cloud_collection(control->cloud, key, true), name)) {
		control_refuse(control, "no such object");
	}
}

void control_buckets(const struct control *control)
{
	const char *bucket = control_part(control, 2);
	g_autofree char *key = g_strdup_printf("objects/%s", bucket);
	const GString *body = control->request->body;

	(void)cloud_collection(control->cloud, key, true); /* made when it is not there */
	collection_put(cloud_collection(control->cloud, "buckets", true), bucket,
		       g_bytes_new(body->str, body->len), control_body(control));
}

/* --- BigQuery --- */

static void put_dataset(const struct control *control, json_object *spec)
{
	(void)bq_make_dataset(control->cloud->bq, control_part(control, 2),
			      control_part(control, 3),
			      jsn_text(spec, "location", NULL)); /* known afterwards */
}

static void put_table(const struct control *control, json_object *spec)
{
	const char *const path[] = {control_part(control, 2), control_part(control, 3),
				    control_part(control, 4)};
	g_autofree char *problem = NULL;

	if (!bq_put_table(control->cloud->bq, path, spec, &problem))
		control_refuse(control, problem);
}

static void delete_from(const struct control *control, GTree *tree, const char *key)
{
	if (!tree || !g_tree_remove(tree, key))
		control_refuse(control, "no such thing");
}

void control_bigquery(const struct control *control)
{
	struct bq *bq = control->cloud->bq;
	bool is_table = control->request->parts->len > 4;
	struct bq_dataset *dataset =
		bq_find_dataset(bq, control_part(control, 2), control_part(control, 3));
	g_autofree char *key =
		g_strdup_printf("%s.%s", control_part(control, 2), control_part(control, 3));
	json_object *spec = NULL;

	if (!control_is_method(control, "PUT")) {
		if (is_table)
			delete_from(control, dataset ? dataset->tables : NULL,
				    control_part(control, 4));
		else
			delete_from(control, bq->datasets, key);
		return;
	}
	spec = control_body(control);
	if (!json_object_is_type(spec, json_type_object))
		control_refuse(control, "the body is no JSON object");
	else if (is_table)
		put_table(control, spec);
	else
		put_dataset(control, spec);
	json_object_put(spec);
}

void control_routines(const struct control *control)
{
	struct bq_dataset *dataset = bq_make_dataset(control->cloud->bq, control_part(control, 2),
						     control_part(control, 3), NULL);
	json_object *spec = NULL;

	if (!control_is_method(control, "PUT")) {
		delete_from(control, dataset->routines, control_part(control, 4));
		return;
	}
	spec = control_body(control);
	if (json_object_is_type(spec, json_type_object)) {
		g_tree_replace(dataset->routines, g_strdup(control_part(control, 4)), spec);
	} else {
		json_object_put(spec);
		control_refuse(control, "the body is no JSON object");
	}
}

static json_object *rules_json(const struct bq *bq)
{
	json_object *list = json_object_new_array();

	for (guint i = 0; i < bq->rules->len; i++) {
		const struct bq_rule *rule = bq->rules->pdata[i];
		json_object *one = json_object_new_object();

		jsn_add(one, "id", json_object_new_int64(rule->id));
		jsn_add_text(one, "query", rule->query);
		jsn_add(one, "count", json_object_new_int64(rule->count));
		json_object_array_add(list, one);
	}
	return list;
}

void control_jobrules(const struct control *control)
{
	struct bq *bq = control->cloud->bq;
	json_object *body = NULL;
	const char *problem = NULL;
	struct bq_rule *rule = NULL;

	if (control_is_method(control, "DELETE")) {
		g_ptr_array_set_size(bq->rules, 0);
	} else if (control_is_method(control, "GET")) {
		reply_set_json(control->reply, 200, rules_json(bq));
	} else {
		body = control_body(control);
		rule = bq_rule_parse(body, &problem);
		json_object_put(body);
		if (rule) {
			rule->id = ++bq->next_rule;
			g_ptr_array_add(bq->rules, rule);
		} else {
			control_refuse(control, problem);
		}
	}
}

/* --- Firestore --- */

void control_firestore(const struct control *control)
{
	const char *database = request_query(control->request, "database");
	g_autofree char *key = g_strdup_printf("firestore/%s/%s", control_part(control, 2),
					       database ? database : "(default)");
	g_autoptr(GString) document = g_string_new(NULL);
	json_object *plain = NULL;

	for (size_t i = 3; i < control->request->parts->len; i++)
		g_string_append_printf(document, "%s%s", i > 3 ? "/" : "",
				       control_part(control, i));
	if (!control_is_method(control, "PUT")) {
		if (!collection_remove(cloud_collection(control->cloud, key, false), document->str))
			control_refuse(control, "no such document");
		return;
	}
	plain = control_body(control);
	if (json_object_is_type(plain, json_type_object))
		firestore_put(control->cloud, key, document->str, plain,
			      request_query(control->request, "verbatim") != NULL);
	else
		control_refuse(control, "the body is no JSON object");
	json_object_put(plain);
}
